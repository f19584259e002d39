#include "gateway/client/failure.h"

#include <utility>

#include "common/grpc_status.h"
#include "common/retry_delay.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace verdict {

absl::Status ToFailure(const grpc::Status& status) {
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
