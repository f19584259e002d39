#include "common/grpc_status.h"

#include "gtest/gtest.h"

namespace verdict {
namespace {

TEST(GrpcStatus, EveryCodeSurvivesTheWayThereAndBack) {
  for (int code = 0; code <= 16; ++code) {
    const auto absl_code = static_cast<absl::StatusCode>(code);
    const grpc::Status there = ToGrpcStatus(absl::Status(absl_code, "why"));
    EXPECT_EQ(static_cast<int>(there.error_code()), code);  // both enumerations use the numbers of the wire
    const absl::Status back = FromGrpcStatus(there);
    EXPECT_EQ(back.code(), absl_code);
    EXPECT_EQ(back.message(), code == 0 ? "" : "why");
  }
}

TEST(GrpcStatus, CodesThatTheOtherSideLacksBecomeUnknown) {
  EXPECT_EQ(FromGrpcStatus(grpc::Status(grpc::StatusCode::DO_NOT_USE, "odd")).code(), absl::StatusCode::kUnknown);
  EXPECT_EQ(ToGrpcStatus(absl::Status(static_cast<absl::StatusCode>(99), "odd")).error_code(), grpc::StatusCode::UNKNOWN);
}

}  // namespace
}  // namespace verdict
