#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "boost/json/object.hpp"

namespace verdict {

// One tensor of an inference answer.
struct WantedOutput {
  enum class Kind { kLabel, kProbability, kLabelId, kProbabilities };

  Kind kind = Kind::kLabel;
  int classes = 0;      // above 0: the best so many labels as "score:label_id:label" instead of the values
  bool binary = false;  // behind the JSON instead of in it
};

// The outputs that a request asks for; label, probability and label_id where it names none. Errors: kInvalidArgument.
absl::StatusOr<std::vector<WantedOutput>> ReadWantedOutputs(const boost::json::object& request);

// How many of the ranked labels these take; 0: all.
int TopKFor(const std::vector<WantedOutput>& outputs);

// As it is written.
const char* NameOf(WantedOutput::Kind kind);

}  // namespace verdict
