#include "gateway/dialects/kserve_request.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gateway/dialects/text_inputs.h"

namespace verdict {
namespace {

namespace json = boost::json;

ProblemOr<ClassifyCall::Input> ReadInstance(const json::value& value, const JsonPlace& place) {
  if (const json::array* list = value.if_array()) return ReadTextList(*list, place);
  if (const json::object* object = value.if_object()) {
    for (const std::string_view name : {"inputs", "data"}) {
      if (object->contains({name.data(), name.size()})) return ReadTextObject(*object, place, name);
    }
    return ReadTextObject(*object, place);
  }
  if (!value.is_string()) return WrongType(place, "a string, an object with text, or a list of one text or two", value);
  const json::string& text = value.get_string();
  return ClassifyCall::Input{std::string(text.data(), text.size()), std::nullopt};
}

ProblemOr<KServeRequest> ReadObject(const json::object& object) {
  const json::value* instances = object.if_contains("instances");
  const json::value* const inputs = object.if_contains("inputs");
  if (instances != nullptr && inputs != nullptr) return Problem{400, "send instances or inputs, not both"};
  if (instances == nullptr && inputs == nullptr) return Problem{400, "the member \"instances\" is missing: send a list of texts"};
  const char* const name = instances != nullptr ? "instances" : "inputs";
  if (instances == nullptr) instances = inputs;
  if (!instances->is_array()) return WrongType({name}, "an array", *instances);
  auto read = ReadInputs(instances->get_array(), name, ReadInstance);
  if (auto* problem = std::get_if<Problem>(&read)) return std::move(*problem);
  KServeRequest request{std::get<std::vector<ClassifyCall::Input>>(std::move(read)), {}};
  const json::value* const given = object.if_contains("parameters");
  if (given == nullptr) return request;
  const ProblemOr<PipelineParameters> parameters = ReadPipelineParameters(*given);
  if (const auto* problem = std::get_if<Problem>(&parameters)) return *problem;
  request.parameters = std::get<PipelineParameters>(parameters);
  return request;
}

}  // namespace

ProblemOr<KServeRequest> ReadKServeRequest(JsonBody& body) {
  const ProblemOr<const json::value*> value = body.Value();
  if (const auto* problem = std::get_if<Problem>(&value)) return *problem;
  const json::object* object = std::get<const json::value*>(value)->if_object();
  if (object == nullptr) return Problem{400, "the body is no JSON object: send {\"instances\": […]}"};
  return ReadObject(*object);
}

}  // namespace verdict
