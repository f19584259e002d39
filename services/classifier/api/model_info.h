#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace verdict {

// A loaded model, as verdict.v1.Model describes it to callers.
struct ModelInfo {
  std::string name;
  std::string version;
  bool is_default = false;
  std::string architecture;  // model_type of config.json
  std::string backend;       // "native" or "torchscript"
  std::vector<std::string> labels;
  int max_tokens = 0;
  std::string default_function_to_apply;  // "softmax", "sigmoid" or "none"
  std::string precision;
  int64_t parameters = 0;  // 0: unknown
  absl::Time loaded_at;
};

// Which models are loaded. Implementations are thread-safe.
class ModelCatalog {
 public:
  virtual ~ModelCatalog() = default;

  // Sorted by name.
  virtual std::vector<ModelInfo> List() const = 0;

  // An empty name means the default model, an empty version any. Errors: kNotFound; kUnavailable while nothing is loaded.
  virtual absl::StatusOr<ModelInfo> Get(const std::string& name, const std::string& version) const = 0;
};

}  // namespace verdict
