#include "common/retry_delay.h"

#include <cstdint>
#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace verdict {
namespace {

constexpr char kUrl[] = "verdict/retry-delay-us";

}  // namespace

absl::Status WithRetryDelay(absl::Status status, absl::Duration delay) {
  if (!status.ok()) status.SetPayload(kUrl, absl::Cord(absl::StrCat(absl::ToInt64Microseconds(delay))));
  return status;
}

std::optional<absl::Duration> RetryDelayOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kUrl);
  int64_t microseconds = 0;
  if (!payload || !absl::SimpleAtoi(std::string(*payload), &microseconds)) return std::nullopt;
  return absl::Microseconds(microseconds);
}

}  // namespace verdict
