#pragma once

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace verdict {

// The codes of both are the same sixteen; one exhaustive switch each way, tested code by code. Messages travel along.
grpc::Status ToGrpcStatus(const absl::Status& status);
absl::Status FromGrpcStatus(const grpc::Status& status);

}  // namespace verdict
