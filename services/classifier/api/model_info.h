#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace verdict {

// A loaded model, as verdict.v1.Model describes it to callers.
struct ModelInfo {
  std::string name;
  std::string version;
  bool is_default = false;
  std::string architecture;  // model_type of config.json; empty for a cascade
  std::string backend;       // "native", "torchscript" or "cascade"
  std::vector<std::string> labels;
  int max_tokens = 0;
  std::string default_function_to_apply;  // "softmax", "sigmoid" or "none"
  std::string precision;
  int64_t parameters = 0;  // 0: unknown
  absl::Time loaded_at;
  std::string path = {};     // the directory it was loaded from; empty for a cascade
  int64_t memory_bytes = 0;  // that it was estimated to take when it was loaded; 0: unknown
};

// Which models are loaded. Implementations are thread-safe.
class ModelCatalog {
 public:
  virtual ~ModelCatalog() = default;

  // Sorted by name.
  virtual std::vector<ModelInfo> List() const = 0;

  // An empty name means the default model, an empty version any. Errors: kNotFound; kUnavailable while a model that
  // is to be there is not loaded yet.
  virtual absl::StatusOr<ModelInfo> Get(const std::string& name, const std::string& version) const = 0;

  // The version of a model alone, for every request to ask: labels may be many. Errors: those of Get.
  virtual absl::StatusOr<std::string> VersionOf(const std::string& name) const {
    auto info = Get(name, "");
    if (!info.ok()) return info.status();
    return std::move(info->version);
  }
};

}  // namespace verdict
