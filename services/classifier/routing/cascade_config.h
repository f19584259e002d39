#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace verdict {

// Models that are asked one after the other. What a step is not to answer itself goes on to the next one.
struct Cascade {
  struct Step {
    std::string model;
    std::set<std::string> pass_on_labels;  // a text with one of these as its top label goes on
    std::optional<double> pass_on_below;   // and so does one whose top score is below this, within [0, 1]
  };

  std::string name;  // callers find it by
  std::vector<Step> steps;
  std::optional<std::string> fallback_label;  // for what the last step passes on; absent: the last answer stands
};

// Reads a declaration: a JSON object, or the path of a file that holds one.
//
//     {"name": "router", "steps": [{"model": "general", "pass_on_labels": ["0"], "pass_on_below": 0.3}, {"model": "low_volume"}],
//      "fallback_label": 360001}
//
// Labels are strings, or integers, which stand for themselves in base 10. Errors: kInvalidArgument, one line that names the
// member; kNotFound when there is no such file.
absl::StatusOr<Cascade> ReadCascade(const std::string& declaration);

}  // namespace verdict
