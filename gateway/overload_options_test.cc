#include "gateway/overload_options.h"

#include "gtest/gtest.h"

namespace verdict {
namespace {

constexpr uint64_t kMiB = 1 << 20;

TEST(InflightBodyBytes, AreAnEighthOfTheMemoryWithinBounds) {
  EXPECT_EQ(InflightBodyBytes({}, 512 * kMiB, 25 * kMiB), 64 * kMiB);
  EXPECT_EQ(InflightBodyBytes({}, 128 * kMiB, 25 * kMiB), 25 * kMiB);
  EXPECT_EQ(InflightBodyBytes({}, 1'000'000 * kMiB, 25 * kMiB), 1024 * kMiB);
}

TEST(InflightBodyBytes, AreWhatTheOperatorSays) {
  OverloadFlags flags;
  flags.max_inflight_body_bytes = 7;
  EXPECT_EQ(InflightBodyBytes(flags, 512 * kMiB, 25 * kMiB), 7u);
}

TEST(OverloadFlags, BecomeLimits) {
  HttpLimits limits;
  ApplyOverloadFlags({.max_connections = 3, .max_connections_per_address = 2, .max_inflight_body_bytes = 70, .min_body_rate = 9},
                     limits);
  EXPECT_EQ(limits.max_connections, 3);
  EXPECT_EQ(limits.max_connections_per_address, 2);
  EXPECT_EQ(limits.inflight_body_bytes, 70u);
  EXPECT_EQ(limits.body_rate, 9u);
}

}  // namespace
}  // namespace verdict
