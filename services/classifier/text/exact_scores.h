#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace verdict {

// The numbers in model.vocab of a tokenizer.json ([["piece", score], …]), in order, each rounded correctly. Boost.JSON may be off
// in the last digit, which is enough to turn one of two equally good ways to cut a word into the better one. kInvalidArgument for
// what is no JSON.
absl::StatusOr<std::vector<double>> ReadExactScores(std::string_view json);

}  // namespace verdict
