#include "services/classifier/rpc/classify_messages.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/utf8.h"
#include "google/protobuf/empty.pb.h"
#include "google/protobuf/unknown_field_set.h"
#include "services/classifier/rpc/error_details.h"

namespace verdict {
namespace {

absl::StatusOr<std::optional<FunctionToApply>> FromProto(v1::FunctionToApply function) {
  switch (function) {
    case v1::FUNCTION_TO_APPLY_UNSPECIFIED:
      return std::optional<FunctionToApply>();
    case v1::FUNCTION_TO_APPLY_SOFTMAX:
      return std::optional(FunctionToApply::kSoftmax);
    case v1::FUNCTION_TO_APPLY_SIGMOID:
      return std::optional(FunctionToApply::kSigmoid);
    case v1::FUNCTION_TO_APPLY_NONE:
      return std::optional(FunctionToApply::kNone);
    default:
      break;  // proto3 enums are open
  }
  return absl::InvalidArgumentError(absl::StrCat("options.function_to_apply: unknown value ", static_cast<int>(function)));
}

absl::StatusOr<std::optional<TruncationPolicy>> FromProto(v1::TruncationPolicy policy) {
  switch (policy) {
    case v1::TRUNCATION_POLICY_UNSPECIFIED:
      return std::optional<TruncationPolicy>();
    case v1::TRUNCATION_POLICY_HEAD:
      return std::optional(TruncationPolicy::kHead);
    case v1::TRUNCATION_POLICY_TAIL:
      return std::optional(TruncationPolicy::kTail);
    case v1::TRUNCATION_POLICY_HEAD_TAIL:
      return std::optional(TruncationPolicy::kHeadTail);
    case v1::TRUNCATION_POLICY_ERROR:
      return std::optional(TruncationPolicy::kError);
    case v1::TRUNCATION_POLICY_WINDOW:
      return std::optional(TruncationPolicy::kWindow);
    default:
      break;
  }
  return absl::InvalidArgumentError(absl::StrCat("options.truncation_policy: unknown value ", static_cast<int>(policy)));
}

absl::StatusOr<WindowCombination> FromProto(v1::WindowCombination combination) {
  switch (combination) {
    case v1::WINDOW_COMBINATION_UNSPECIFIED:
    case v1::WINDOW_COMBINATION_MEAN:
      return WindowCombination::kMean;
    case v1::WINDOW_COMBINATION_MAX:
      return WindowCombination::kMax;
    case v1::WINDOW_COMBINATION_FIRST:
      return WindowCombination::kFirst;
    default:
      break;
  }
  return absl::InvalidArgumentError(absl::StrCat("options.window.combination: unknown value ", static_cast<int>(combination)));
}

// A number of the caller's as an int; what an int does not hold is more than anything it is compared with.
int Clamped(uint32_t value) { return static_cast<int>(std::min<uint32_t>(value, std::numeric_limits<int>::max())); }

absl::StatusOr<WindowOptions> FromProto(const v1::WindowOptions& message) {
  const auto combination = FromProto(message.combination());
  if (!combination.ok()) return combination.status();
  WindowOptions window;
  window.size = Clamped(message.size());
  if (message.has_stride()) window.stride = Clamped(message.stride());
  window.combination = *combination;
  window.return_windows = message.return_windows();
  return window;
}

void ToProto(const std::vector<LabelScore>& labels, google::protobuf::RepeatedPtrField<v1::LabelScore>& out) {
  out.Reserve(static_cast<int>(labels.size()));
  for (const LabelScore& label : labels) {
    v1::LabelScore& score = *out.Add();
    score.set_label(label.label);
    score.set_score(label.score);
    score.set_label_id(static_cast<uint32_t>(label.label_id));
  }
}

uint64_t Microseconds(absl::Duration duration) {
  return static_cast<uint64_t>(std::max<int64_t>(0, absl::ToInt64Microseconds(duration)));
}

// The fields of a message whose type we do not trust yet. protobuf.Empty keeps every field as an unknown one.
std::optional<google::protobuf::Empty> ParseUntyped(const std::string& bytes) {
  google::protobuf::Empty message;
  if (!message.ParseFromString(bytes)) return std::nullopt;
  return message;
}

// "field: not valid UTF-8 at byte n" for the first string field of `fields` among `names` (by number from 1) that is not.
std::optional<std::string> FindBadText(const google::protobuf::UnknownFieldSet& fields,
                                       std::initializer_list<const char*> names) {
  for (int i = 0; i < fields.field_count(); ++i) {
    const auto& field = fields.field(i);
    if (field.type() != google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED || field.number() > static_cast<int>(names.size()))
      continue;
    if (const auto bad = FindInvalidUtf8(field.length_delimited())) {
      return absl::StrCat(*(names.begin() + field.number() - 1), ": is not valid UTF-8 at byte ", *bad);
    }
  }
  return std::nullopt;
}

absl::Status NotUtf8(const std::string& message) { return WithReason(absl::InvalidArgumentError(message), Reason::kInvalidUtf8); }

constexpr int kInputsField = v1::ClassifyRequest::kInputsFieldNumber;

v1::CascadeOutcome ToProto(CascadeOutcome outcome) {
  switch (outcome) {
    case CascadeOutcome::kAnswered:
      return v1::CASCADE_OUTCOME_ANSWERED;
    case CascadeOutcome::kPassedOnByLabel:
      return v1::CASCADE_OUTCOME_PASSED_ON_BY_LABEL;
    case CascadeOutcome::kPassedOnByScore:
      return v1::CASCADE_OUTCOME_PASSED_ON_BY_SCORE;
    case CascadeOutcome::kNotLoaded:
      return v1::CASCADE_OUTCOME_NOT_LOADED;
    case CascadeOutcome::kFallback:
      return v1::CASCADE_OUTCOME_FALLBACK;
  }
  return v1::CASCADE_OUTCOME_UNSPECIFIED;
}

void ToProto(const CascadeStep& step, v1::CascadeStep& message) {
  message.set_model(step.model);
  message.set_model_version(step.model_version);
  message.set_label(step.label);
  message.set_score(step.score);
  message.set_outcome(ToProto(step.outcome));
}

}  // namespace

absl::StatusOr<ClassifyRequest> FromProto(v1::ClassifyRequest&& message, int max_inputs) {
  if (message.inputs_size() == 0) return absl::InvalidArgumentError("inputs: at least one text is needed");
  if (message.inputs_size() > max_inputs) {
    return absl::InvalidArgumentError(
        absl::StrCat("inputs: ", message.inputs_size(), " texts, at most ", max_inputs, " are taken in one request"));
  }
  const auto function = FromProto(message.options().function_to_apply());
  if (!function.ok()) return function.status();
  const auto policy = FromProto(message.options().truncation_policy());
  if (!policy.ok()) return policy.status();
  const auto window = FromProto(message.options().window());
  if (!window.ok()) return window.status();
  ClassifyRequest request;
  request.model = std::move(*message.mutable_model());
  request.model_version = std::move(*message.mutable_model_version());
  request.options.top_k = Clamped(message.options().top_k());
  request.options.function_to_apply = *function;
  request.options.truncation_policy = *policy;
  request.options.window = *window;
  request.inputs.reserve(static_cast<size_t>(message.inputs_size()));
  for (v1::TextInput& input : *message.mutable_inputs()) {
    TextInput& text = request.inputs.emplace_back();
    text.text = std::move(*input.mutable_text());
    if (input.has_text_pair()) text.text_pair = std::move(*input.mutable_text_pair());
  }
  return request;
}

void ToProto(const ClassifyResponse& response, v1::ClassifyResponse& message) {
  message.set_model(response.model);
  message.set_model_version(response.model_version);
  message.mutable_results()->Reserve(static_cast<int>(response.results.size()));
  for (const Classification& result : response.results) {
    v1::Classification& out = *message.add_results();
    out.set_tokens(static_cast<uint32_t>(result.tokens));
    out.set_truncated(result.tokens_dropped > 0);
    out.set_tokens_dropped(static_cast<uint32_t>(result.tokens_dropped));
    out.set_windows(static_cast<uint32_t>(result.windows));
    ToProto(result.labels, *out.mutable_labels());
    for (const WindowResult& window : result.window_results) {
      v1::WindowResult& each = *out.add_window_results();
      each.set_first_token(static_cast<uint32_t>(window.first_token));
      each.set_tokens(static_cast<uint32_t>(window.tokens));
      ToProto(window.labels, *each.mutable_labels());
    }
    for (const CascadeStep& step : result.cascade_steps) ToProto(step, *out.add_cascade_steps());
  }
  v1::PhaseTimes& times = *message.mutable_times();
  times.set_total_us(Microseconds(response.times.total));
  times.set_tokenize_us(Microseconds(response.times.tokenize));
  times.set_queue_us(Microseconds(response.times.queue));
  times.set_compute_us(Microseconds(response.times.compute));
}

absl::Status ExplainParseFailure(const std::string& bytes) {
  absl::Status malformed = absl::InvalidArgumentError("the request is no well-formed verdict.v1.ClassifyRequest");
  const auto request = ParseUntyped(bytes);
  if (!request) return malformed;
  const auto& fields = request->GetReflection()->GetUnknownFields(*request);
  if (const auto bad = FindBadText(fields, {"model", "model_version"})) return NotUtf8(*bad);
  int index = 0;
  for (int i = 0; i < fields.field_count(); ++i) {
    const auto& field = fields.field(i);
    if (field.number() != kInputsField || field.type() != google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED) continue;
    const auto input = ParseUntyped(field.length_delimited());
    if (!input) return malformed;
    if (const auto bad = FindBadText(input->GetReflection()->GetUnknownFields(*input), {"text", "text_pair"})) {
      return NotUtf8(absl::StrCat("inputs[", index, "].", *bad));
    }
    ++index;
  }
  return malformed;
}

}  // namespace verdict
