#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "open_inference/grpc_predict_v2.pb.h"
#include "services/classifier/api/classifier.h"
#include "services/classifier/api/model_info.h"

namespace verdict {

// The output tensors there are.
enum class OpenInferenceOutput { kLabel, kProbability, kLabelId, kProbabilities };

// One output that a request asks for.
struct WantedOutput {
  OpenInferenceOutput output;
  std::string name;
  int classes = 0;  // above 0: the best so many labels as "score:index:label" instead of the values
};

// What a ModelInferRequest asks for.
struct InferenceCall {
  ClassifyRequest request;
  std::string id;
  std::vector<WantedOutput> outputs;
  bool raw = false;     // texts came in raw_input_contents, and the answer goes into raw_output_contents
  int text_tensor = 0;  // which of the inputs
};

// The tensors of a request as texts. Errors: kInvalidArgument, naming the tensor and the element.
absl::StatusOr<InferenceCall> FromProto(inference::ModelInferRequest&& message, int max_inputs);

// The tensors of the answer, one row a text. `model` gives the columns of probabilities, which are its labels.
void ToProto(const ClassifyResponse& response, const InferenceCall& call, const ModelInfo& model,
             inference::ModelInferResponse& message);

// The same with the classifier's "inputs[i]", which counts texts, turned into the element of the tensor.
absl::Status NameElement(const absl::Status& status, const InferenceCall& call);

// The tensors that the model takes and gives.
void Describe(const ModelInfo& model, inference::ModelMetadataResponse& message);

}  // namespace verdict
