#include "services/classifier/batching/pass_times.h"

#include "gtest/gtest.h"

namespace verdict {
namespace {

constexpr absl::Duration kExact = absl::Microseconds(1);

void ExpectNear(std::optional<absl::Duration> got, absl::Duration wanted, absl::Duration tolerance = kExact) {
  ASSERT_TRUE(got);
  EXPECT_LE(absl::AbsDuration(*got - wanted), tolerance) << *got << " is not " << wanted;
}

TEST(PassTimes, KnowsNothingBeforeTheFirstPass) { EXPECT_FALSE(PassTimes().Of(10)); }

TEST(PassTimes, ProportionWithinASizeAndTheAverageOfItsOwnSize) {
  PassTimes times;
  times.Learn(16, absl::Milliseconds(40));  // a short pass has a fixed cost
  times.Learn(1024, absl::Milliseconds(400));
  ExpectNear(times.Of(16), absl::Milliseconds(40));
  ExpectNear(times.Of(24), absl::Milliseconds(60));
  ExpectNear(times.Of(1024), absl::Milliseconds(400));
}

TEST(PassTimes, OfAnUnseenSizeTheNearestInProportion) {
  PassTimes times;
  times.Learn(16, absl::Milliseconds(40));
  times.Learn(1024, absl::Milliseconds(512));
  ExpectNear(times.Of(512), absl::Milliseconds(256));
  ExpectNear(times.Of(32), absl::Milliseconds(80));
  ExpectNear(times.Of(128), absl::Milliseconds(320));  // as near to both: by the smaller
  ExpectNear(times.Of(2048), absl::Milliseconds(1024));
  EXPECT_TRUE(times.Of(int64_t{1} << 40));
  EXPECT_TRUE(times.Of(0));
}

TEST(PassTimes, FollowsAMachineThatHasBecomeSlower) {
  PassTimes times;
  times.Learn(100, absl::Milliseconds(10));
  for (int i = 0; i < 20; ++i) times.Learn(100, absl::Milliseconds(200));
  ExpectNear(times.Of(100), absl::Milliseconds(200), absl::Milliseconds(10));
}

TEST(PassTimes, OnePassThatWasHeldUpHardlyCounts) {
  PassTimes times;
  times.Learn(100, absl::Milliseconds(10));
  times.Learn(100, absl::Seconds(60));
  ExpectNear(times.Of(100), absl::Milliseconds(16));
}

}  // namespace
}  // namespace verdict
