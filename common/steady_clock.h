#pragma once

#include <chrono>

#include "absl/time/time.h"

namespace verdict {

// Now, by a clock that nobody sets: the wall clock's time when this was first asked, and what has passed since. All deadlines and
// durations are reckoned by it, so that an operator, or NTP, who sets the wall clock neither ends what waits nor keeps it for an
// hour. Only what tells people the time (logs, loaded_at) asks absl::Now(). Thread-safe.
absl::Time SteadyNow();

// The same moment by the wall clock as it stands now, and back: gRPC takes and tells deadlines by that. To be done where the
// deadline is handed over, and not kept. Infinite ones stay infinite. Not by absl::Now(), which follows a clock that was set only
// after two seconds; gRPC would take what lies between for the time that is left.
std::chrono::system_clock::time_point ToWallClock(absl::Time steady);
absl::Time FromWallClock(std::chrono::system_clock::time_point wall);

}  // namespace verdict
