#include "gateway/http/request_id.h"

#include <algorithm>
#include <cstdint>

#include "absl/random/uniform_int_distribution.h"
#include "absl/strings/str_cat.h"

namespace verdict {
namespace {

constexpr size_t kMaxSize = 128;

bool Usable(std::string_view id) {
  return !id.empty() && id.size() <= kMaxSize && std::all_of(id.begin(), id.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

}  // namespace

std::string RequestIdSource::For(const HttpRequest& request) {
  if (const auto id = request.headers.Find("x-request-id"); id && Usable(*id)) return std::string(*id);
  absl::uniform_int_distribution<uint64_t> any;
  return absl::StrCat(absl::Hex(any(random_), absl::kZeroPad16), absl::Hex(any(random_), absl::kZeroPad16));
}

}  // namespace verdict
