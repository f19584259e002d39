#include "common/steady_clock.h"

#include <algorithm>

#include "absl/time/clock.h"

namespace verdict {
namespace {

using WallClock = std::chrono::system_clock;

// So far from now that it does not matter, and not so far that the clock's numbers do not hold it.
constexpr absl::Duration kFar = absl::Hours(24 * 365 * 100);

}  // namespace

absl::Time SteadyNow() {
  using Clock = std::chrono::steady_clock;
  static const absl::Time kFirst = absl::Now();
  static const Clock::time_point kBegin = Clock::now();
  return kFirst + absl::FromChrono(Clock::now() - kBegin);
}

WallClock::time_point ToWallClock(absl::Time steady) {
  if (steady == absl::InfiniteFuture()) return WallClock::time_point::max();
  const absl::Duration left = std::clamp(steady - SteadyNow(), -absl::Hours(1), kFar);
  return WallClock::now() + std::chrono::duration_cast<WallClock::duration>(absl::ToChronoNanoseconds(left));
}

absl::Time FromWallClock(WallClock::time_point wall) {
  if (wall == WallClock::time_point::max()) return absl::InfiniteFuture();
  return SteadyNow() + absl::FromChrono(wall - WallClock::now());
}

}  // namespace verdict
