#pragma once

#include <filesystem>
#include <string>

#include "absl/status/statusor.h"
#include "services/classifier/model/model_config.h"

namespace verdict {

// What a model directory holds, without its tensors: the format of its weights, its configuration and its version. Immutable.
struct ModelDirectory {
  enum class Format { kSafetensors, kShardedSafetensors, kTorchScript };

  std::filesystem::path path;
  Format format;
  std::filesystem::path weights;  // model.safetensors, model.safetensors.index.json or model.pt
  ModelConfig config;
  std::string version;  // of metadata.json, else "1"

  // Looks at the directory. model.safetensors is preferred to model.pt. Errors, each one line that names the file:
  //   kNotFound         the directory, its config.json or its weights are missing
  //   kInvalidArgument  a file is malformed, or only pickled weights (pytorch_model.bin) are there, which are refused
  static absl::StatusOr<ModelDirectory> Read(const std::filesystem::path& path);
};

}  // namespace verdict
