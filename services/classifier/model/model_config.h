#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/json_file.h"
#include "services/classifier/api/classifier.h"

namespace verdict {

// config.json of a Hugging Face classifier: what it says of the task, and (through `file`) of the architecture. Immutable.
struct ModelConfig {
  JsonFile file;                    // for the architecture's own members
  std::string model_type;           // "bert", …
  std::vector<std::string> labels;  // by label id; as long as id2label, or num_labels where both differ or id2label is
                                    // missing, or 2 (the default of transformers)
  // The function that transformers' pipeline applies to this model.
  FunctionToApply function_to_apply;

  // Errors: kNotFound or kInvalidArgument; they name the file and the member.
  static absl::StatusOr<ModelConfig> Read(const std::filesystem::path& config_json);
  static absl::StatusOr<ModelConfig> FromJson(JsonFile file);
};

// "softmax", "sigmoid", "none": the names that transformers' pipeline uses.
std::string FunctionName(FunctionToApply function);

}  // namespace verdict
