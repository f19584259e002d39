#include "gateway/dialects/huggingface_request.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gateway/dialects/text_inputs.h"

namespace verdict {
namespace {

namespace json = boost::json;
using Form = HuggingFaceRequest::Form;

constexpr char kForms[] = "a string, an object with text and text_pair, or a list of these";

// [["a","b"]]
bool IsOldPair(const json::array& list) { return list.size() == 1 && list[0].is_array(); }

ProblemOr<ClassifyCall::Input> ReadElement(const json::value& value, const JsonPlace& place) {
  if (const json::object* object = value.if_object()) return ReadTextObject(*object, place);
  if (const json::array* list = value.if_array()) {
    if (IsOldPair(*list) && list->front().get_array().size() == 2) return ReadTextList(list->front().get_array(), place);
    return Problem{400, absl::StrCat(ToString(place), R"( is no text; send a pair as {"text": "…", "text_pair": "…"})")};
  }
  ProblemOr<std::string> text = ReadText(value, place);
  if (auto* problem = std::get_if<Problem>(&text)) return std::move(*problem);
  return ClassifyCall::Input{std::get<std::string>(std::move(text)), std::nullopt};
}

std::optional<Problem> ReadInto(HuggingFaceRequest& request, const json::value& value) {
  constexpr JsonPlace kPlace{"inputs"};
  const auto add = [&](ProblemOr<ClassifyCall::Input> input) -> std::optional<Problem> {
    if (auto* problem = std::get_if<Problem>(&input)) return std::move(*problem);
    request.inputs.push_back(std::get<ClassifyCall::Input>(std::move(input)));
    return std::nullopt;
  };
  if (value.is_string()) return add(ReadElement(value, kPlace));
  if (const json::object* object = value.if_object()) {
    request.form = Form::kPair;
    return add(ReadTextObject(*object, kPlace));
  }
  if (!value.is_array()) return WrongType(kPlace, kForms, value);
  request.form = Form::kList;
  auto inputs = verdict::ReadInputs(value.get_array(), "inputs", ReadElement);
  if (auto* problem = std::get_if<Problem>(&inputs)) return std::move(*problem);
  request.inputs = std::get<std::vector<ClassifyCall::Input>>(std::move(inputs));
  return std::nullopt;
}

// {"inputs":"…"} with nothing that has to be looked into: the outline is enough.
ProblemOr<HuggingFaceRequest> ReadOneText(JsonBody& body) {
  ProblemOr<std::string> text = body.TakeTextMember("inputs");
  if (auto* problem = std::get_if<Problem>(&text)) return std::move(*problem);
  HuggingFaceRequest request;
  request.inputs.push_back({std::get<std::string>(std::move(text)), std::nullopt});
  return request;
}

std::optional<Problem> CheckOptions(const JsonOutline& outline) {
  const JsonOutline::Member* options = outline.Find("options");
  if (options == nullptr || options->kind == JsonKind::kObject || options->kind == JsonKind::kNull) return std::nullopt;
  return Problem{400, absl::StrCat("options must be an object, not ", std::string(Describe(options->kind)))};
}

ProblemOr<HuggingFaceRequest> ReadObject(const json::object& object) {
  HuggingFaceRequest request;
  const json::value* const inputs = object.if_contains("inputs");
  if (inputs == nullptr) {
    ProblemOr<ClassifyCall::Input> whole = ReadTextObject(object, {"the body"});
    if (auto* problem = std::get_if<Problem>(&whole)) return std::move(*problem);
    request.form = Form::kPair;
    request.inputs.push_back(std::get<ClassifyCall::Input>(std::move(whole)));
    return request;
  }
  if (auto problem = ReadInto(request, *inputs)) return *std::move(problem);
  const json::value* const parameters = object.if_contains("parameters");
  if (parameters == nullptr) return request;
  ProblemOr<PipelineParameters> read = ReadPipelineParameters(*parameters);
  if (auto* problem = std::get_if<Problem>(&read)) return std::move(*problem);
  request.parameters = std::get<PipelineParameters>(read);
  return request;
}

}  // namespace

ProblemOr<HuggingFaceRequest> ReadHuggingFaceRequest(JsonBody& body) {
  const ProblemOr<JsonOutline>& read = body.Outline();
  if (const auto* problem = std::get_if<Problem>(&read)) return *problem;
  const JsonOutline& outline = std::get<JsonOutline>(read);
  if (outline.kind != JsonKind::kObject) return Problem{400, "the body is no JSON object: send {\"inputs\": …}"};
  if (auto problem = CheckOptions(outline)) return *std::move(problem);
  const JsonOutline::Member* const inputs = outline.Find("inputs");
  if (inputs == nullptr && !outline.Has("text")) {
    return Problem{400, absl::StrCat("the member \"inputs\" is missing: send ", kForms)};
  }
  if (inputs != nullptr && inputs->kind == JsonKind::kString && !outline.Has("parameters")) return ReadOneText(body);
  const ProblemOr<const json::value*> value = body.Value();
  if (const auto* problem = std::get_if<Problem>(&value)) return *problem;
  return ReadObject(std::get<const json::value*>(value)->get_object());
}

ProblemOr<HuggingFaceRequest> ReadHuggingFaceBareJson(JsonBody& body) {
  const ProblemOr<const json::value*> value = body.Value();
  if (const auto* problem = std::get_if<Problem>(&value)) return *problem;
  if (const json::string* text = std::get<const json::value*>(value)->if_string()) {
    return ReadHuggingFaceText({text->data(), text->size()});
  }
  const size_t first = body.text().find_first_of("-0123456789");  // behind space or a byte order mark
  const size_t last = body.text().find_last_of("0123456789");
  return ReadHuggingFaceText(body.text().substr(first, last + 1 - first));
}

ProblemOr<HuggingFaceRequest> ReadHuggingFaceText(std::string_view body) {
  ProblemOr<std::string> text = ReadPlainText(body);
  if (auto* problem = std::get_if<Problem>(&text)) return std::move(*problem);
  HuggingFaceRequest request;
  request.inputs.push_back({std::get<std::string>(std::move(text)), std::nullopt});
  return request;
}

}  // namespace verdict
