#include "services/classifier/engine/disentangled_attention.h"

#include <ATen/ATen.h>

#include <cmath>

namespace verdict {
namespace {

// [rows, hidden] to [heads, rows, width of a head].
at::Tensor ByHead(const at::Tensor& t, int64_t heads) { return t.view({t.size(0), heads, t.size(1) / heads}).transpose(0, 1); }

at::Tensor Rows(const at::Tensor& t, int64_t begin, int64_t length) { return t.narrow(0, begin, length).to(at::kFloat); }

}  // namespace

DisentangledAttention DisentangledAttention::Take(TensorSource& source, const std::string& prefix, const Options& options,
                                                  const at::Tensor& table, const Linear& query, const Linear& key) {
  DisentangledAttention attention(options);
  if (!options.relative) return attention;
  const auto project = [&](const Linear& own, const std::string& name) -> at::Tensor {
    const int64_t hidden = table.size(1);
    const Linear projection = options.shared_projections ? own : Linear::Take(source, prefix + name, hidden, hidden);
    if (!source.status().ok()) return {};
    return ByHead(projection(table.to(TypeOf(source.precision()))).to(at::kFloat), options.heads).contiguous();
  };
  if (options.content_to_position) attention.position_keys_ = project(key, "pos_key_proj");
  if (options.position_to_content) attention.position_queries_ = project(query, "pos_query_proj");
  return attention;
}

at::Tensor DisentangledAttention::RelativeScores(const at::Tensor& q, const at::Tensor& k, const RelativePositions::Rows& rows,
                                                 double scale) const {
  const int64_t heads = q.size(0), length = q.size(1);
  const at::Tensor of_pair = rows.of_pair.unsqueeze(0).expand({heads, length, length});
  at::Tensor scores = at::zeros({heads, length, length}, q.options());
  if (position_keys_.defined()) {
    const at::Tensor keys = position_keys_.narrow(1, rows.first, rows.count);
    scores.add_(at::bmm(q, keys.transpose(1, 2)).gather(2, of_pair), scale);
  }
  if (position_queries_.defined()) {
    // By key and row, then by key and query; the row of a pair is that of the query, hence the transposed index.
    const at::Tensor queries = position_queries_.narrow(1, rows.first, rows.count);
    scores.add_(at::bmm(k, queries.transpose(1, 2)).gather(2, of_pair.transpose(1, 2)).transpose(1, 2), scale);
  }
  return scores;
}

at::Tensor DisentangledAttention::operator()(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                             const std::vector<int64_t>& offsets,
                                             const std::vector<RelativePositions::Rows>& rows) const {
  const int64_t terms = 1 + options_.content_to_position + options_.position_to_content;
  const int64_t width = q.size(1) / options_.heads;
  const double scale = 1 / std::sqrt(static_cast<double>(width * terms));
  at::Tensor result = at::empty_like(q);
  for (size_t i = 0; i + 1 < offsets.size(); ++i) {
    const int64_t begin = offsets[i], length = offsets[i + 1] - begin;
    const at::Tensor queries = ByHead(Rows(q, begin, length), options_.heads);
    const at::Tensor keys = ByHead(Rows(k, begin, length), options_.heads);
    const at::Tensor values = ByHead(Rows(v, begin, length), options_.heads);
    const at::Tensor scores =
        options_.relative ? at::baddbmm(RelativeScores(queries, keys, rows[i], scale), queries, keys.transpose(1, 2), 1, scale)
                          : at::bmm(queries, keys.transpose(1, 2)).mul_(scale);
    const at::Tensor attended = at::bmm(at::softmax(scores, -1), values);
    ByHead(result.narrow(0, begin, length), options_.heads).copy_(attended);
  }
  return result;
}

}  // namespace verdict
