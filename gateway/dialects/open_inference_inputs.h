#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "boost/json/object.hpp"
#include "gateway/client/classifier_client.h"

namespace verdict {

// The texts of an inference request: of its one BYTES tensor, and of a second one named "text_pair" where there is one. `binary`
// is what stood behind the JSON, elements of a size (uint32, little-endian) and that many bytes each; all of it has to be used.
// Errors: kInvalidArgument, which names the tensor and the element.
absl::StatusOr<std::vector<ClassifyCall::Input>> ReadInferInputs(const boost::json::object& request, std::string_view binary);

}  // namespace verdict
