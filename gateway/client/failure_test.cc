#include "gateway/client/failure.h"

#include "common/retry_delay.h"
#include "gateway/client/call_failure.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

grpc::Status Overloaded(const std::string& details) { return {grpc::StatusCode::RESOURCE_EXHAUSTED, "overloaded", details}; }

TEST(Failure, SaysWhenToTryAgain) {
  google::rpc::Status rich;
  rich.add_details()->PackFrom(google::rpc::ErrorInfo());
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(2);
  retry.mutable_retry_delay()->set_nanos(345'000'000);
  rich.add_details()->PackFrom(retry);
  const absl::Status failure = ToFailure(Overloaded(rich.SerializeAsString()));
  EXPECT_EQ(failure.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(failure.message(), "overloaded");
  EXPECT_EQ(RetryDelayOf(failure), absl::Milliseconds(2345));
}

TEST(Failure, NeedsNoDetails) {
  EXPECT_EQ(RetryDelayOf(ToFailure(Overloaded(""))), std::nullopt);
  EXPECT_EQ(RetryDelayOf(ToFailure(Overloaded("no message of any kind"))), std::nullopt);
  EXPECT_EQ(RetryDelayOf(ToFailure(Overloaded(google::rpc::Status().SerializeAsString()))), std::nullopt);
  EXPECT_TRUE(ToFailure(grpc::Status::OK).ok());
}

// As gRPC 1.51 says it.
TEST(Failure, OfALargeMessageIsNoOverload) {
  const grpc::Status large(grpc::StatusCode::RESOURCE_EXHAUSTED, "Received message larger than max (3007 vs. 2000)");
  EXPECT_EQ(ToFailure(large).code(), absl::StatusCode::kOutOfRange);
  google::rpc::Status rich;
  rich.set_code(static_cast<int>(large.error_code()));
  const grpc::Status ours(large.error_code(), large.error_message(), rich.SerializeAsString());
  EXPECT_EQ(ToFailure(ours).code(), absl::StatusCode::kResourceExhausted);
}

// As gRPC 1.51 says it.
TEST(Failure, OfACallThatGrpcCutOffSaysNothingOfTheCall) {
  const grpc::Status cut_off(grpc::StatusCode::RESOURCE_EXHAUSTED, "Received RST_STREAM with error code 11");
  EXPECT_EQ(ToFailure(cut_off).code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(WasLost(ToFailure(cut_off)));
  google::rpc::Status rich;
  rich.set_code(static_cast<int>(cut_off.error_code()));
  const grpc::Status ours(cut_off.error_code(), cut_off.error_message(), rich.SerializeAsString());
  EXPECT_EQ(ToFailure(ours).code(), absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace verdict
