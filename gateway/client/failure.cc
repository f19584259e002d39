#include "gateway/client/failure.h"

#include <utility>

#include "absl/strings/match.h"
#include "common/grpc_status.h"
#include "common/retry_delay.h"
#include "gateway/client/call_failure.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace verdict {

namespace {

// Whether gRPC itself, and not our service, says that something is exhausted: with these words, as there is no other sign.
bool IsExhaustedSaying(const grpc::Status& status, const char* words) {
  return status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED && status.error_details().empty() &&
         absl::StrContains(status.error_message(), words);
}

// As gRPC's message_size filter says it (src/core/ext/filters/message_size).
bool IsTooLarge(const grpc::Status& status) { return IsExhaustedSaying(status, "message larger than max"); }

// Whether gRPC's server has ended the call because all messages of the service had become too large together, whichever call it
// is: it resets its stream with ENHANCE_YOUR_CALM (11), of which gRPC's client makes RESOURCE_EXHAUSTED.
bool IsCutOff(const grpc::Status& status) { return IsExhaustedSaying(status, "RST_STREAM"); }

}  // namespace

absl::Status ToFailure(const grpc::Status& status) {
  if (IsTooLarge(status)) {
    return absl::OutOfRangeError("the request is larger than the classification service reads (its --max-message-bytes)");
  }
  if (IsCutOff(status)) return MarkLost(absl::UnavailableError(status.error_message()));
  absl::Status failure = FromGrpcStatus(status);
  google::rpc::Status rich;
  if (status.error_details().empty() || !rich.ParseFromString(status.error_details())) return failure;
  google::rpc::RetryInfo retry;
  for (const auto& detail : rich.details()) {
    if (!detail.UnpackTo(&retry)) continue;
    const auto& delay = retry.retry_delay();
    return WithRetryDelay(std::move(failure), absl::Seconds(delay.seconds()) + absl::Nanoseconds(delay.nanos()));
  }
  return failure;
}

}  // namespace verdict
