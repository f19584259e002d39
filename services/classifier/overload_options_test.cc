#include "services/classifier/overload_options.h"

#include "gtest/gtest.h"

namespace verdict {
namespace {

constexpr int64_t kMiB = 1 << 20;

TEST(QueuedBytes, AreAnEighthOfTheMemoryWithinBounds) {
  EXPECT_EQ(QueuedBytes({}, 512 * kMiB, 32 * kMiB), 64 * kMiB);
  EXPECT_EQ(QueuedBytes({}, 128 * kMiB, 32 * kMiB), 32 * kMiB);
  EXPECT_EQ(QueuedBytes({}, 1'000'000 * kMiB, 32 * kMiB), 256 * kMiB);
}

TEST(QueuedBytes, AreWhatTheOperatorSays) {
  OverloadOptions options;
  options.max_queued_bytes = 7;
  EXPECT_EQ(QueuedBytes(options, 512 * kMiB, 32 * kMiB), 7);
}

TEST(MessageBytes, AreThreeTimesWhatMayBeQueuedAndFourMessagesAtLeast) {
  EXPECT_EQ(MessageBytes(256 * kMiB, 32 * kMiB), 768 * kMiB);
  EXPECT_EQ(MessageBytes(7, 100 * kMiB), 400 * kMiB);
  EXPECT_EQ(MessageBytes(7, 1), 96 * kMiB);
}

}  // namespace
}  // namespace verdict
