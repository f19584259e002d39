#include "gateway/http/rpc_status.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/retry_delay.h"

namespace verdict {
namespace {

std::string_view OwnSentence(int status) {
  switch (status) {
    case 499:
      return "the caller went away before the answer was ready";
    case 503:
      return "the classification service is starting, restarting or cannot be reached; try again in a moment";
    case 504:
      return "the classification service did not answer before the deadline";
    default:
      return "the request failed inside the classification service; its log has the details under the request id";
  }
}

}  // namespace

int HttpStatusOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return 200;
    case absl::StatusCode::kInvalidArgument:
      return 400;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kOutOfRange:
      return 413;
    case absl::StatusCode::kResourceExhausted:
      return 429;
    case absl::StatusCode::kCancelled:
      return 499;
    case absl::StatusCode::kUnavailable:
      return 503;
    case absl::StatusCode::kDeadlineExceeded:
      return 504;
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kDoNotUseReservedForFutureExpansionUseDefaultInSwitchInstead_:
      return 500;
  }
  return 500;
}

void AddRetryAfter(absl::Duration delay, Problem& problem) {
  const int64_t ms = std::max<int64_t>(absl::ToInt64Milliseconds(absl::Ceil(delay, absl::Milliseconds(1))), 0);
  problem.headers.Add("Retry-After", absl::StrCat(std::max<int64_t>((ms + 999) / 1000, 1)));
  problem.headers.Add("x-retry-after-ms", absl::StrCat(ms));
}

Problem ProblemFromStatus(const absl::Status& status) {
  Problem problem{.status = HttpStatusOf(status.code()), .detail = std::string(status.message())};
  const bool for_callers = problem.status == 400 || problem.status == 404 || problem.status == 413 || problem.status == 429;
  if (!for_callers || problem.detail.empty())
    problem.detail = for_callers ? status.ToString() : std::string(OwnSentence(problem.status));
  if (problem.status == 429 || problem.status == 503) AddRetryAfter(RetryDelayOf(status).value_or(absl::Seconds(1)), problem);
  return problem;
}

}  // namespace verdict
