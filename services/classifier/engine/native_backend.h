#pragma once

#include <filesystem>
#include <memory>

#include "absl/status/statusor.h"
#include "services/classifier/api/backend.h"
#include "services/classifier/engine/precision.h"
#include "services/classifier/engine/profile.h"
#include "services/classifier/model/model_config.h"
#include "services/classifier/model/safetensors.h"

namespace verdict {

struct NativeOptions {
  Precision precision = Precision::kFp32;
  const Kernels* kernels = nullptr;
  int threads = 1;                           // of a wide pass, and the number of narrow ones at the same time
  Profile* profile = nullptr;                // of passes on one thread
  std::filesystem::path prepared_file = {};  // see PreparedWeights; empty: none
};

// Builds the architecture of `config` from `weights`, which the backend keeps mapped: embeddings are read where they lie, the
// weights of products are laid out anew. Batches run packed. Errors: kInvalidArgument, naming config.json's member or the tensor;
// kInternal.
absl::StatusOr<std::unique_ptr<Backend>> BuildNativeBackend(const ModelConfig& config, Weights weights,
                                                            const NativeOptions& options);

}  // namespace verdict
