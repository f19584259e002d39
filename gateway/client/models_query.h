#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace verdict {

// A question about the service's models, or an order to it: the RPCs of verdict.v1.Models, without their types.
struct ModelsQuery {
  enum class Kind { kList, kGet, kLoad, kUnload };

  Kind kind = Kind::kList;
  std::string name = {};     // of kGet (empty: the default model), kLoad, kUnload
  std::string version = {};  // of kGet; empty: any
  std::string path = {};     // of kLoad: the model directory
};

// A loaded model: the contents of verdict.v1.Model.
struct ModelDescription {
  std::string name;
  std::string version;
  bool is_default = false;
  std::string architecture;
  std::string backend;
  std::vector<std::string> labels;  // by label id
  int max_tokens = 0;
  std::string default_function_to_apply;  // "softmax", "sigmoid" or "none"
  std::string precision;
  int64_t parameters = 0;  // 0: unknown
  absl::Time loaded_at;
  std::string path;
  int64_t memory_bytes = 0;  // 0: unknown
};

}  // namespace verdict
