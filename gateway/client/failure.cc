#include "gateway/client/failure.h"

#include <utility>

#include "absl/strings/match.h"
#include "common/grpc_status.h"
#include "common/retry_delay.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace verdict {

namespace {

// As gRPC's message_size filter says it; there is no other sign (src/core/ext/filters/message_size).
bool IsTooLarge(const grpc::Status& status) {
  return status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED && status.error_details().empty() &&
         absl::StrContains(status.error_message(), "message larger than max");
}

}  // namespace

absl::Status ToFailure(const grpc::Status& status) {
  if (IsTooLarge(status)) {
    return absl::OutOfRangeError("the request is larger than the classification service reads (its --max-message-bytes)");
  }
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
