#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "common/options.h"
#include "gateway/gateway.h"

namespace verdict {

// The options for bodies of records and batch transform, and what else SageMaker says by names of its own.

// In the types that the parser fills.
struct SageMakerFlags {
  bool batch = false;
  int batch_concurrency = 4;
  uint64_t max_record_bytes = 1 << 20;
  uint64_t max_spill_bytes = uint64_t{1} << 30;
  std::string default_accept;
  int max_concurrent_transforms = 0;
  std::string batch_strategy;
};

void DeclareSageMakerOptions(OptionParser& parser, SageMakerFlags& flags);

// Once the limits of `options` are set. Errors, here and below, are kInvalidArgument and say why for the operator.
absl::Status ApplySageMakerFlags(const SageMakerFlags& flags, Gateway::Options& options);

// SAGEMAKER_MODEL_SERVER_TIMEOUT_SECONDS, or SAGEMAKER_MODEL_SERVER_TIMEOUT, where either is set and not empty: the request
// timeout, given in seconds.
absl::Status ReadModelServerTimeout(int& request_timeout_ms);

// SAGEMAKER_SAFE_PORT_RANGE ("XXXX-YYYY", both included), where it is set and not empty: where several containers share a
// network, a second port has to lie in it. A TCP port of `grpc_listen` outside the range becomes the first in it that HTTP does
// not have.
absl::Status MoveIntoSafePorts(const std::string& http_listen, std::string& grpc_listen);

}  // namespace verdict
