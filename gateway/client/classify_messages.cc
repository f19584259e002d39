#include "gateway/client/classify_messages.h"

#include <utility>

namespace verdict {
namespace {

v1::FunctionToApply ToMessage(ClassifyCall::Function function) {
  switch (function) {
    case ClassifyCall::Function::kModelDefault:
      return v1::FUNCTION_TO_APPLY_UNSPECIFIED;
    case ClassifyCall::Function::kSoftmax:
      return v1::FUNCTION_TO_APPLY_SOFTMAX;
    case ClassifyCall::Function::kSigmoid:
      return v1::FUNCTION_TO_APPLY_SIGMOID;
    case ClassifyCall::Function::kNone:
      return v1::FUNCTION_TO_APPLY_NONE;
  }
  return v1::FUNCTION_TO_APPLY_UNSPECIFIED;
}

v1::TruncationPolicy ToMessage(ClassifyCall::Truncation policy) {
  switch (policy) {
    case ClassifyCall::Truncation::kDefault:
      return v1::TRUNCATION_POLICY_UNSPECIFIED;
    case ClassifyCall::Truncation::kHead:
      return v1::TRUNCATION_POLICY_HEAD;
    case ClassifyCall::Truncation::kTail:
      return v1::TRUNCATION_POLICY_TAIL;
    case ClassifyCall::Truncation::kHeadTail:
      return v1::TRUNCATION_POLICY_HEAD_TAIL;
    case ClassifyCall::Truncation::kError:
      return v1::TRUNCATION_POLICY_ERROR;
  }
  return v1::TRUNCATION_POLICY_UNSPECIFIED;
}

std::string_view OutcomeName(v1::CascadeOutcome outcome) {
  switch (outcome) {
    case v1::CASCADE_OUTCOME_ANSWERED:
      return "answered";
    case v1::CASCADE_OUTCOME_PASSED_ON_BY_LABEL:
      return "passed_on_by_label";
    case v1::CASCADE_OUTCOME_PASSED_ON_BY_SCORE:
      return "passed_on_by_score";
    case v1::CASCADE_OUTCOME_NOT_LOADED:
      return "not_loaded";
    case v1::CASCADE_OUTCOME_FALLBACK:
      return "fallback";
    default:
      return "unknown";  // of a newer service
  }
}

ClassifyReply::Result FromMessage(v1::Classification& message) {
  ClassifyReply::Result result;
  result.labels.reserve(static_cast<size_t>(message.labels_size()));
  for (v1::LabelScore& label : *message.mutable_labels()) {
    result.labels.push_back({std::move(*label.mutable_label()), label.score(), static_cast<int>(label.label_id())});
  }
  result.tokens = static_cast<int>(message.tokens());
  result.truncated = message.truncated();
  result.tokens_dropped = static_cast<int>(message.tokens_dropped());
  for (v1::CascadeStep& step : *message.mutable_cascade_steps()) {
    result.cascade_steps.push_back({std::move(*step.mutable_model()), std::move(*step.mutable_model_version()),
                                    std::move(*step.mutable_label()), step.score(), OutcomeName(step.outcome())});
  }
  return result;
}

absl::Duration Microseconds(uint64_t count) { return absl::Microseconds(static_cast<int64_t>(count)); }

}  // namespace

v1::ClassifyRequest ToMessage(ClassifyCall call) {
  v1::ClassifyRequest request;
  request.set_model(std::move(call.model));
  request.set_model_version(std::move(call.model_version));
  for (ClassifyCall::Input& input : call.inputs) {
    v1::TextInput& message = *request.add_inputs();
    message.set_text(std::move(input.text));
    if (input.text_pair) message.set_text_pair(*std::move(input.text_pair));
  }
  v1::ClassifyOptions& options = *request.mutable_options();
  options.set_top_k(static_cast<uint32_t>(call.top_k));
  options.set_function_to_apply(ToMessage(call.function_to_apply));
  options.set_truncation_policy(ToMessage(call.truncation_policy));
  return request;
}

ClassifyReply FromMessage(v1::ClassifyResponse& response) {
  ClassifyReply reply;
  reply.results.reserve(static_cast<size_t>(response.results_size()));
  for (v1::Classification& result : *response.mutable_results()) reply.results.push_back(FromMessage(result));
  reply.model = std::move(*response.mutable_model());
  reply.model_version = std::move(*response.mutable_model_version());
  reply.total = Microseconds(response.times().total_us());
  reply.tokenize = Microseconds(response.times().tokenize_us());
  reply.queue = Microseconds(response.times().queue_us());
  reply.compute = Microseconds(response.times().compute_us());
  return reply;
}

}  // namespace verdict
