#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "boost/json/object.hpp"
#include "gateway/client/classifier_client.h"

namespace verdict {

// The texts of a request to MLflow's scoring server: of exactly one of dataframe_split, dataframe_records, instances and inputs.
// Of a table, the column "text", "inputs", or the only one, and the column "text_pair" where there is one. Errors:
// kInvalidArgument, which names the place.
absl::StatusOr<std::vector<ClassifyCall::Input>> ReadMlflowInputs(const boost::json::object& request);

}  // namespace verdict
