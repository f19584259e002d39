#include "gateway/http/request_id.h"

#include <cstdint>

#include "absl/random/uniform_int_distribution.h"
#include "absl/strings/str_cat.h"
#include "gateway/http/ascii.h"

namespace verdict {
namespace {

constexpr size_t kMaxSize = 128;

}  // namespace

std::string RequestIdSource::For(const HttpRequest& request) {
  if (const auto id = request.headers.Find("x-request-id"); id && IsVisibleId(*id, kMaxSize)) return std::string(*id);
  absl::uniform_int_distribution<uint64_t> any;
  return absl::StrCat(absl::Hex(any(random_), absl::kZeroPad16), absl::Hex(any(random_), absl::kZeroPad16));
}

}  // namespace verdict
