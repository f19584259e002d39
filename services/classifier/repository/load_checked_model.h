#pragma once

#include <filesystem>
#include <string>

#include "absl/status/statusor.h"
#include "services/classifier/repository/load_model.h"

namespace verdict {

// As LoadModel, but int8 is taken only after a trial: at least 99 % of the labels of golden answers must be the same, of the
// first few hundred texts in `golden` or, when that is empty, in the model directory's golden.jsonl. A model that fails, or has
// no golden answers, runs in what "auto" chooses without int8, and a warning says why. "auto" tries int8 where the processor is
// fastest at it and there are golden answers.
absl::StatusOr<ModelClassifier::Parts> LoadCheckedModel(const std::string& name, const std::filesystem::path& directory,
                                                        const EngineOptions& engine, const std::string& golden);

}  // namespace verdict
