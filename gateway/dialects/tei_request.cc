#include "gateway/dialects/tei_request.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/utf8.h"
#include "gateway/dialects/python_text.h"
#include "gateway/dialects/tei_problem.h"
#include "gateway/dialects/text_inputs.h"

namespace verdict {
namespace {

namespace json = boost::json;

constexpr char kForms[] = R"(a string, a pair of strings ["a", "b"] or a batch [["s"], ["a", "b"], …])";
constexpr char kKnown[] = "inputs, truncate, truncation_direction and raw_scores";

size_t CountCharacters(const ClassifyCall::Input& input) {
  return CountCodePoints(input.text) + (input.text_pair ? CountCodePoints(*input.text_pair) : 0);
}

bool IsEmpty(const ClassifyCall::Input& input) { return input.text.empty() && input.text_pair.value_or("").empty(); }

// The sentence of another reader, under this contract's status.
template <typename T>
ProblemOr<T> AsValidation(ProblemOr<T> read) {
  if (auto* problem = std::get_if<Problem>(&read)) return TeiValidation(std::move(problem->detail));
  return read;
}

ProblemOr<ClassifyCall::Input> ReadSequence(const json::value& value, const JsonPlace& place) {
  const json::array* list = value.if_array();
  return list == nullptr ? WrongType(place, "a list of one text or two", value) : ReadTextList(*list, place);
}

std::optional<Problem> ReadBatch(const json::array& list, int max_batch, TeiRequest& request) {
  if (list.size() > static_cast<size_t>(max_batch)) {
    return TeiValidation(absl::StrCat("batch size ", list.size(), " > maximum allowed batch size ", max_batch));
  }
  auto inputs = AsValidation(ReadInputs(list, "inputs", ReadSequence));
  if (auto* problem = std::get_if<Problem>(&inputs)) return std::move(*problem);
  request.call.inputs = std::get<std::vector<ClassifyCall::Input>>(std::move(inputs));
  request.batch = true;
  return std::nullopt;
}

std::optional<Problem> ReadOne(ProblemOr<ClassifyCall::Input> read, TeiRequest& request) {
  auto input = AsValidation(std::move(read));
  if (auto* problem = std::get_if<Problem>(&input)) return std::move(*problem);
  request.call.inputs.push_back(std::get<ClassifyCall::Input>(std::move(input)));
  return std::nullopt;
}

std::optional<Problem> ReadInputsMember(const json::value& value, int max_batch, TeiRequest& request) {
  if (const json::string* text = value.if_string()) {
    return ReadOne(ClassifyCall::Input{std::string(text->data(), text->size()), std::nullopt}, request);
  }
  const json::array* list = value.if_array();
  if (list == nullptr) return TeiValidation(WrongType({"inputs"}, kForms, value).detail);
  if (list->empty()) return TeiEmpty("`inputs` cannot be empty");
  return list->front().is_string() ? ReadOne(ReadTextList(*list, {"inputs"}), request) : ReadBatch(*list, max_batch, request);
}

std::optional<Problem> ReadBoolean(const json::value& value, std::string_view name, bool& flag) {
  if (value.is_null()) return std::nullopt;
  if (!value.is_bool()) return TeiValidation(WrongType({name}, "a boolean", value).detail);
  flag = value.get_bool();
  return std::nullopt;
}

// Which end is cut.
std::optional<Problem> ReadDirection(const json::value& value, bool& left) {
  const json::string* text = value.if_string();
  const std::string word = text == nullptr ? std::string() : std::string(text->data(), text->size());
  left = word == "left" || word == "Left";
  if (left || word == "right" || word == "Right" || value.is_null()) return std::nullopt;
  return TeiValidation(R"(truncation_direction must be "left" or "right")");
}

std::optional<Problem> ReadMembers(const json::object& object, int max_batch, TeiRequest& request) {
  using Truncation = ClassifyCall::Truncation;
  bool truncate = true, left = false, raw = false;
  for (const auto& [key, value] : object) {
    const std::string_view name(key.data(), key.size());
    std::optional<Problem> problem;
    if (name == "inputs") {
      problem = ReadInputsMember(value, max_batch, request);
    } else if (name == "truncate") {
      problem = ReadBoolean(value, name, truncate);
    } else if (name == "raw_scores") {
      problem = ReadBoolean(value, name, raw);
    } else if (name == "truncation_direction") {
      problem = ReadDirection(value, left);
    } else {
      problem = TeiValidation(absl::StrCat(Shortened(name), " is not known here; there are ", kKnown));
    }
    if (problem) return problem;
  }
  request.call.truncation_policy = !truncate ? Truncation::kError : left ? Truncation::kTail : Truncation::kHead;
  if (raw) request.call.function_to_apply = ClassifyCall::Function::kNone;
  return std::nullopt;
}

}  // namespace

ProblemOr<TeiRequest> ReadTeiRequest(JsonBody& body, int max_batch) {
  const ProblemOr<const json::value*> value = body.Value();
  if (const auto* problem = std::get_if<Problem>(&value)) {
    return Problem{.status = problem->status, .detail = problem->detail, .headers = {}, .json = "Validation"};
  }
  const json::object* object = std::get<const json::value*>(value)->if_object();
  if (object == nullptr) return TeiValidation("the body is no JSON object: send {\"inputs\": …}");
  if (!object->contains("inputs")) return TeiValidation(absl::StrCat("the member \"inputs\" is missing: send ", kForms));
  TeiRequest request;
  if (auto problem = ReadMembers(*object, max_batch, request)) return *std::move(problem);
  for (const ClassifyCall::Input& input : request.call.inputs) {
    if (IsEmpty(input)) return TeiEmpty("`inputs` cannot be empty");
    request.characters += CountCharacters(input);
  }
  return request;
}

}  // namespace verdict
