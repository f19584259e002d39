#include "services/classifier/engine/local_attention.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <optional>

namespace verdict {
namespace {

constexpr int64_t kMinBlock = 64;  // queries at once: enough for a matrix product to be worth its call

// Which keys [begin, end) of a block of queries are within reach: [queries, keys].
at::Tensor Mask(int64_t first_query, int64_t queries, int64_t first_key, int64_t keys, int64_t reach) {
  const at::Tensor query = at::arange(first_query, first_query + queries, at::kLong).unsqueeze(1);
  const at::Tensor key = at::arange(first_key, first_key + keys, at::kLong).unsqueeze(0);
  return (query - key).abs() <= reach;
}

}  // namespace

at::Tensor LocalAttention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const std::vector<int64_t>& offsets,
                          int64_t reach) {
  const auto by_head = [](const at::Tensor& t, int64_t begin, int64_t length) {
    return t.narrow(0, begin, length).transpose(0, 1).unsqueeze(0);
  };
  at::Tensor result = at::empty({q.size(0), q.size(1), q.size(2)}, q.options());
  const int64_t block = std::max(kMinBlock, 2 * reach);
  for (size_t i = 0; i + 1 < offsets.size(); ++i) {
    const int64_t begin = offsets[i], length = offsets[i + 1] - begin;
    for (int64_t first = 0; first < length; first += block) {
      const int64_t queries = std::min(block, length - first);
      const int64_t first_key = std::max<int64_t>(0, first - reach);
      const int64_t keys = std::min(length, first + queries + reach) - first_key;
      std::optional<at::Tensor> mask;
      if (length > reach + 1) mask = Mask(first, queries, first_key, keys, reach);
      const at::Tensor attended = at::scaled_dot_product_attention(
          by_head(q, begin + first, queries), by_head(k, begin + first_key, keys), by_head(v, begin + first_key, keys), mask);
      result.narrow(0, begin + first, queries).copy_(attended.squeeze(0).transpose(0, 1));
    }
  }
  return result.flatten(1);
}

}  // namespace verdict
