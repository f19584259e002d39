#include "gateway/http/rpc_status.h"

#include "common/retry_delay.h"
#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;
using ::testing::Optional;

struct Row {
  absl::StatusCode code;
  int status;
  bool message_travels;
  bool retry_after;
};

class RpcStatusTest : public ::testing::TestWithParam<Row> {};

TEST_P(RpcStatusTest, IsTranslatedCodeByCode) {
  const Problem problem = ProblemFromStatus(absl::Status(GetParam().code, "secret insides"));
  EXPECT_EQ(HttpStatusOf(GetParam().code), GetParam().status);
  EXPECT_EQ(problem.status, GetParam().status);
  EXPECT_EQ(problem.detail == "secret insides", GetParam().message_travels);
  EXPECT_EQ(problem.detail.find("secret") != std::string::npos, GetParam().message_travels);
  EXPECT_EQ(problem.headers.Find("Retry-After").has_value(), GetParam().retry_after);
}

INSTANTIATE_TEST_SUITE_P(
    AllCodes, RpcStatusTest,
    ::testing::Values(
        Row{absl::StatusCode::kCancelled, 499, false, false}, Row{absl::StatusCode::kUnknown, 500, false, false},
        Row{absl::StatusCode::kInvalidArgument, 400, true, false}, Row{absl::StatusCode::kDeadlineExceeded, 504, false, false},
        Row{absl::StatusCode::kNotFound, 404, true, false}, Row{absl::StatusCode::kAlreadyExists, 500, false, false},
        Row{absl::StatusCode::kPermissionDenied, 500, false, false}, Row{absl::StatusCode::kResourceExhausted, 429, true, true},
        Row{absl::StatusCode::kFailedPrecondition, 500, false, false}, Row{absl::StatusCode::kAborted, 500, false, false},
        Row{absl::StatusCode::kOutOfRange, 413, true, false}, Row{absl::StatusCode::kUnimplemented, 500, false, false},
        Row{absl::StatusCode::kInternal, 500, false, false}, Row{absl::StatusCode::kUnavailable, 503, false, true},
        Row{absl::StatusCode::kDataLoss, 500, false, false}, Row{absl::StatusCode::kUnauthenticated, 500, false, false}),
    [](const auto& row) { return absl::StatusCodeToString(row.param.code); });

TEST(RpcStatusOkTest, OkIs200) { EXPECT_EQ(HttpStatusOf(absl::StatusCode::kOk), 200); }

TEST(RpcStatusOkTest, NoSentenceIsEmpty) {
  EXPECT_THAT(ProblemFromStatus(absl::InvalidArgumentError("")).detail, HasSubstr("INVALID_ARGUMENT"));
  EXPECT_FALSE(ProblemFromStatus(absl::InternalError("")).detail.empty());
}

TEST(RpcStatusOkTest, RetryAfterIsWhatTheServiceSaysInWholeSecondsAndExactly) {
  const auto written = [](absl::Duration delay) {
    const Problem problem = ProblemFromStatus(WithRetryDelay(absl::ResourceExhaustedError("busy"), delay));
    return std::string(*problem.headers.Find("Retry-After")) + " " + std::string(*problem.headers.Find("x-retry-after-ms"));
  };
  EXPECT_EQ(written(absl::Milliseconds(1)), "1 1");
  EXPECT_EQ(written(absl::Microseconds(1'000'001)), "2 1001");
  EXPECT_EQ(written(absl::Seconds(3)), "3 3000");
  EXPECT_EQ(written(absl::ZeroDuration()), "1 0");
  EXPECT_EQ(written(-absl::Seconds(5)), "1 0");
}

TEST(RpcStatusOkTest, RetryAfterIsOneSecondWhereNobodySays) {
  EXPECT_THAT(ProblemFromStatus(absl::UnavailableError("")).headers.Find("Retry-After"), Optional(std::string_view("1")));
}

}  // namespace
}  // namespace verdict
