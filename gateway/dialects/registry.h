#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/dialects/dialect.h"
#include "gateway/dialects/sagemaker.h"

namespace verdict {

// What the operator has chosen for the dialects.
struct DialectOptions {
  std::vector<std::string> enabled;  // by name; where two have the same route, the first listed answers. Empty: all
  SageMakerOptions sagemaker = {};
};

// The names of all dialects, in the order in which they answer unless told otherwise.
std::vector<std::string> DialectNames();

// The chosen dialects. Error: kInvalidArgument for a name that is none, or is listed twice.
absl::StatusOr<std::vector<Dialect>> MakeDialects(const DialectOptions& options);

}  // namespace verdict
