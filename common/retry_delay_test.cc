#include "common/retry_delay.h"

#include "gtest/gtest.h"

namespace verdict {
namespace {

TEST(RetryDelay, TravelsWithAFailure) {
  const absl::Status status = WithRetryDelay(absl::ResourceExhaustedError("busy"), absl::Milliseconds(1234));
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(status.message(), "busy");
  EXPECT_EQ(RetryDelayOf(status), absl::Milliseconds(1234));
}

TEST(RetryDelay, IsAbsentWhereNobodyHasSaidIt) {
  EXPECT_EQ(RetryDelayOf(absl::ResourceExhaustedError("busy")), std::nullopt);
  EXPECT_EQ(RetryDelayOf(WithRetryDelay(absl::OkStatus(), absl::Seconds(1))), std::nullopt);
}

}  // namespace
}  // namespace verdict
