#include "gateway/supervisor/restart_backoff.h"

#include "gmock/gmock.h"

namespace verdict {
namespace {

constexpr absl::Duration kShort = absl::Milliseconds(1);

TEST(RestartBackoffTest, IsNothingThenGrowsToItsLimit) {
  RestartBackoff backoff({.first = absl::Milliseconds(100), .longest = absl::Milliseconds(500)});
  EXPECT_EQ(backoff.Next(kShort), absl::ZeroDuration());
  EXPECT_EQ(backoff.Next(kShort), absl::Milliseconds(100));
  EXPECT_EQ(backoff.Next(kShort), absl::Milliseconds(200));
  EXPECT_EQ(backoff.Next(kShort), absl::Milliseconds(400));
  EXPECT_EQ(backoff.Next(kShort), absl::Milliseconds(500));
  EXPECT_EQ(backoff.Next(kShort), absl::Milliseconds(500));
}

TEST(RestartBackoffTest, BeginsAgainAfterALongLife) {
  RestartBackoff backoff({.stable_after = absl::Seconds(30)});
  for (int i = 0; i < 4; ++i) backoff.Next(kShort);
  EXPECT_EQ(backoff.Next(absl::Seconds(31)), absl::ZeroDuration());
  EXPECT_EQ(backoff.Next(kShort), absl::Milliseconds(100));
}

}  // namespace
}  // namespace verdict
