#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "services/classifier/engine/load_backend.h"
#include "services/classifier/repository/model_classifier.h"

namespace verdict {

// Reads a model directory and builds everything that answers for it: tokenizer, backend, labels. Logs a warning where the parts
// do not quite fit. Errors, each one line that names the file and what is wrong: kNotFound, kInvalidArgument, kUnimplemented,
// kInternal.
absl::StatusOr<ModelClassifier::Parts> LoadModel(const std::string& name, const std::filesystem::path& directory,
                                                 const EngineOptions& engine);

}  // namespace verdict
