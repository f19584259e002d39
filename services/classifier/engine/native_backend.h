#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "services/classifier/api/backend.h"
#include "services/classifier/engine/precision.h"
#include "services/classifier/model/model_config.h"
#include "services/classifier/model/safetensors.h"

namespace verdict {

// Builds the architecture of `config` from `weights`, which the backend keeps mapped: F32 tensors are used where they lie.
// Batches run packed, in `precision`, on `threads` threads. Errors: kInvalidArgument, naming config.json's member or the tensor;
// kInternal.
absl::StatusOr<std::unique_ptr<Backend>> BuildNativeBackend(const ModelConfig& config, Weights weights, Precision precision,
                                                            int threads);

}  // namespace verdict
