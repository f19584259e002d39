#pragma once

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace verdict {

// A call's status with what its details say of trying again (common/retry_delay.h). A message that is larger than the service
// reads, which gRPC counts among exhausted resources, is kOutOfRange: trying again does not help. A call
// that the service has ended because messages of others were too large together is kUnavailable and lost.
absl::Status ToFailure(const grpc::Status& status);

}  // namespace verdict
