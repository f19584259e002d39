#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "services/classifier/api/backend.h"
#include "services/classifier/model/model_directory.h"

namespace verdict {

class Profile;

struct EngineOptions {
  std::string precision = "fp32";  // "auto", "fp32", "bf16" or "int8"; bundles run in the precision they were saved in
  int threads = 1;                 // that compute at the same time
  Profile* profile = nullptr;      // filled by passes on one thread; outlives the backend
  std::filesystem::path prepared_weights = {};  // the folder of PreparedWeights; empty: none
  bool allow_torchscript = false;               // bundles are programs, and run as this process
};

// Whether this processor computes int8 faster than the other precisions.
bool Int8IsFastest();

// The precision that weights are laid out in on this processor, of those that --precision asks for: where int8 is on trial, the
// one that is taken if it fails. Error: kInvalidArgument for another word.
absl::StatusOr<std::string> PrecisionFor(const std::string& wish);

// Loads the weights of `directory` and builds what runs them: the native builder of its model_type for safetensors, LibTorch's
// interpreter for model.pt. Runs one trial pass, so that a directory which cannot answer is refused here. Errors, each one line
// that names the file: kInvalidArgument (malformed weights, missing or misshapen tensors, unsupported architecture or setting, a
// bundle that is not allowed), kNotFound, kInternal (LibTorch failed).
absl::StatusOr<std::unique_ptr<Backend>> LoadBackend(const ModelDirectory& directory, const EngineOptions& options);

}  // namespace verdict
