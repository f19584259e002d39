#pragma once

#include <vector>

#include "gateway/client/classifier_client.h"
#include "gateway/dialects/pipeline_parameters.h"
#include "gateway/http/problem.h"
#include "gateway/json/json_body.h"

namespace verdict {

struct KServeRequest {
  std::vector<ClassifyCall::Input> inputs;
  PipelineParameters parameters;
};

// Reads {"instances": […], "parameters": {…}}; "inputs" in the place of "instances" is the same. An instance is a text, an object
// with "text" (also "inputs" or "data") and perhaps "text_pair", or a list of one text or two. Other members are ignored.
// Problems are 400 and 413 (see JsonBody).
ProblemOr<KServeRequest> ReadKServeRequest(JsonBody& body);

}  // namespace verdict
