#pragma once

#include <vector>

#include "gateway/client/classifier_client.h"
#include "gateway/dialects/pipeline_parameters.h"
#include "gateway/http/problem.h"
#include "gateway/json/json_body.h"

namespace verdict {

// What a request in the shape of Hugging Face asks for.
struct HuggingFaceRequest {
  enum class Form { kText, kPair, kList };

  std::vector<ClassifyCall::Input> inputs;
  Form form = Form::kText;  // of `inputs` in the body: it decides about the form of the answer
  PipelineParameters parameters;
};

// Reads {"inputs": …, "parameters": {…}, "options": {…}}. `inputs` is a text, {"text","text_pair"}, or a list of these; an
// element of the list may be [["a","b"]], too, the old form of a pair. Without `inputs` the object itself is
// {"text","text_pair"}. `options` and other members change nothing. Problems are 400 and 413 (see JsonBody).
ProblemOr<HuggingFaceRequest> ReadHuggingFaceRequest(JsonBody& body);

// Reads a body that is the text, as it stands.
ProblemOr<HuggingFaceRequest> ReadHuggingFaceText(std::string_view body);

// Reads a body whose JSON is the text: a string, or a number, which stands for its digits.
ProblemOr<HuggingFaceRequest> ReadHuggingFaceBareJson(JsonBody& body);

}  // namespace verdict
