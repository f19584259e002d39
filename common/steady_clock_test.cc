#include "common/steady_clock.h"

#include <chrono>

#include "gtest/gtest.h"

namespace verdict {
namespace {

TEST(SteadyClockTest, GoesOnAsTheMonotonicClockDoes) {
  const auto monotonic = std::chrono::steady_clock::now();
  const absl::Time before = SteadyNow();
  absl::Time after = before;
  while (after - before < absl::Milliseconds(2)) {
    const absl::Time next = SteadyNow();
    ASSERT_GE(next, after);
    after = next;
  }
  EXPECT_LE(after - before, absl::FromChrono(std::chrono::steady_clock::now() - monotonic));
}

TEST(SteadyClockTest, WhatTheWallClockSaysComesBackAsItWas) {
  const auto wall = std::chrono::system_clock::now() + std::chrono::seconds(30);
  EXPECT_LT(absl::AbsDuration(absl::FromChrono(ToWallClock(FromWallClock(wall)) - wall)), absl::Seconds(1));
  EXPECT_LT(absl::AbsDuration(FromWallClock(wall) - SteadyNow() - absl::Seconds(30)), absl::Seconds(1));
}

TEST(SteadyClockTest, WhatNeverIsStaysSo) {
  constexpr auto kNever = std::chrono::system_clock::time_point::max();
  EXPECT_EQ(ToWallClock(absl::InfiniteFuture()), kNever);
  EXPECT_EQ(FromWallClock(kNever), absl::InfiniteFuture());
}

TEST(SteadyClockTest, WhatIsFarAwayStaysInRange) {
  const auto now = std::chrono::system_clock::now();
  EXPECT_LT(ToWallClock(absl::InfinitePast()), now);
  EXPECT_GT(ToWallClock(SteadyNow() + absl::Hours(24) * 365 * 10000), now + std::chrono::hours(24 * 365));
}

}  // namespace
}  // namespace verdict
