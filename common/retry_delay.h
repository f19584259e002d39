#pragma once

#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace verdict {

// Says in a failure how long to wait before trying again may help. OK stays as it is; whole microseconds are kept.
absl::Status WithRetryDelay(absl::Status status, absl::Duration delay);

// What WithRetryDelay has said; nothing where nobody has.
std::optional<absl::Duration> RetryDelayOf(const absl::Status& status);

}  // namespace verdict
