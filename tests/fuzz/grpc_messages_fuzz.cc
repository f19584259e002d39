// Messages of gRPC as they come: a byte that says which, then its bytes. What protobuf reads becomes domain values, and an answer
// is made from them; what it does not read is explained.
#include <string>

#include "common/utf8.h"
#include "google/protobuf/stubs/logging.h"
#include "services/classifier/rpc/classify_messages.h"
#include "services/classifier/rpc/error_details.h"
#include "services/classifier/rpc/open_inference_tensors.h"
#include "tests/fuzz/fuzz_target.h"

namespace verdict {
namespace {

constexpr int kMaxInputs = 16;

void CheckError(const absl::Status& status) {
  Expect(status.code() == absl::StatusCode::kInvalidArgument, "what cannot be meant is the caller's fault");
  Expect(!FindInvalidUtf8(std::string(status.message())), "an error is text");
  const google::rpc::Status rich = ToRichError(status, "fuzz");
  Expect(rich.ByteSizeLong() < 8192, "an error fits into a trailer");
}

ClassifyResponse MakeResponse(size_t inputs) {
  ClassifyResponse response;
  response.model = "demo";
  for (size_t i = 0; i < inputs; ++i) {
    Classification result;
    result.labels = {{"yes", 0.75F, 1}, {"no", 0.25F, 0}};
    response.results.push_back(std::move(result));
  }
  return response;
}

void CheckRequest(const ClassifyRequest& request) {
  Expect(!request.inputs.empty() && request.inputs.size() <= kMaxInputs, "a request has some texts, and not too many");
  Expect(request.options.top_k >= 0 && request.options.window.size >= 0, "numbers are in their range");
  for (const TextInput& input : request.inputs) {
    Expect(!FindInvalidUtf8(input.text) && !FindInvalidUtf8(input.text_pair.value_or("")), "inputs are text");
  }
}

void Classify(const std::string& bytes) {
  v1::ClassifyRequest message;
  if (!message.ParseFromString(bytes)) return CheckError(ExplainParseFailure(bytes));
  const auto request = FromProto(std::move(message), kMaxInputs);
  if (!request.ok()) return CheckError(request.status());
  CheckRequest(*request);
  v1::ClassifyResponse answer;
  ToProto(MakeResponse(request->inputs.size()), answer);
}

void Infer(const std::string& bytes) {
  inference::ModelInferRequest message;
  if (!message.ParseFromString(bytes)) return;
  auto call = FromProto(std::move(message), kMaxInputs);
  if (!call.ok()) return CheckError(call.status());
  CheckRequest(call->request);
  ModelInfo model;
  model.labels = {"no", "yes"};
  inference::ModelInferResponse answer;
  ToProto(MakeResponse(call->request.inputs.size()), *call, model, answer);
  Expect(answer.outputs_size() == static_cast<int>(call->outputs.size()), "every output is answered");
  CheckError(NameElement(absl::InvalidArgumentError("inputs[0].text: too long"), *call));
}

}  // namespace

void Fuzz(std::string_view bytes) {
  [[maybe_unused]] static const auto kBefore = google::protobuf::SetLogHandler(nullptr);  // as verdict-service does
  FuzzInput input(bytes);
  input.Number(1) == 0 ? Classify(std::string(input.Rest())) : Infer(std::string(input.Rest()));
}

}  // namespace verdict
