#include "gateway/dialects/torchserve_request.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/utf8.h"
#include "gateway/dialects/multipart.h"
#include "gateway/dialects/text_inputs.h"
#include "gateway/http/content_negotiation.h"
#include "gateway/http/query_string.h"

namespace verdict {
namespace {

namespace json = boost::json;

constexpr std::string_view kFields[] = {"data", "body"};
constexpr char kOneField[] = "the form must have one field named data, or body, with the text";

bool IsField(std::string_view name) { return name == kFields[0] || name == kFields[1]; }

ProblemOr<TorchServeRequest> OneText(std::string_view text) {
  ProblemOr<std::string> read = ReadPlainText(text);
  if (auto* problem = std::get_if<Problem>(&read)) return std::move(*problem);
  TorchServeRequest request;
  request.inputs.push_back({std::get<std::string>(std::move(read)), std::nullopt});
  return request;
}

ProblemOr<TorchServeRequest> ReadMultipartForm(const HttpRequest& request) {
  const auto parts = ReadMultipart(request.headers.Find("Content-Type").value_or(""), request.body);
  if (const auto* problem = std::get_if<Problem>(&parts)) return *problem;
  const FormPart* found = nullptr;
  for (const FormPart& part : std::get<std::vector<FormPart>>(parts)) {
    if (!IsField(part.name)) continue;
    if (found != nullptr) return Problem{400, kOneField};
    found = &part;
  }
  return found == nullptr ? Problem{400, kOneField} : OneText(found->body);
}

ProblemOr<std::string> DecodeField(std::string_view value) {
  auto decoded = FormDecode(value);
  if (!decoded) return Problem{400, "the form has a percent sign without two hexadecimal digits behind it"};
  return *std::move(decoded);
}

ProblemOr<TorchServeRequest> ReadEncodedForm(std::string_view body) {
  std::optional<std::string> text;
  while (!body.empty()) {
    const std::string_view field = body.substr(0, body.find('&'));
    body.remove_prefix(std::min(body.size(), field.size() + 1));
    const size_t equals = field.find('=');
    if (equals == std::string_view::npos || !IsField(field.substr(0, equals))) continue;
    ProblemOr<std::string> value = DecodeField(field.substr(equals + 1));
    if (auto* problem = std::get_if<Problem>(&value)) return std::move(*problem);
    if (text) return Problem{400, kOneField};
    text = std::get<std::string>(std::move(value));
  }
  return text ? OneText(*text) : Problem{400, kOneField};
}

ProblemOr<ClassifyCall::Input> ReadRow(const json::value& value, const JsonPlace& place) {
  if (const json::object* object = value.if_object()) {
    for (const std::string_view name : {"data", "body", "text"}) {
      if (object->contains({name.data(), name.size()})) return ReadTextObject(*object, place, name);
    }
    return Problem{400, absl::StrCat(ToString(place), " has no member data with the text")};
  }
  if (!value.is_string()) return WrongType(place, "a string, or an object with a member data", value);
  const json::string& text = value.get_string();
  return ClassifyCall::Input{std::string(text.data(), text.size()), std::nullopt};
}

ProblemOr<TorchServeRequest> ReadInstances(const json::value& instances) {
  const json::array* list = instances.if_array();
  if (list == nullptr) return WrongType({"instances"}, "an array", instances);
  auto inputs = ReadInputs(*list, "instances", ReadRow);
  if (auto* problem = std::get_if<Problem>(&inputs)) return std::move(*problem);
  return TorchServeRequest{std::get<std::vector<ClassifyCall::Input>>(std::move(inputs)), /*envelope=*/true};
}

ProblemOr<TorchServeRequest> ReadJson(JsonBody& body) {
  const ProblemOr<const json::value*> read = body.Value();
  if (const auto* problem = std::get_if<Problem>(&read)) return *problem;
  const json::value& value = *std::get<const json::value*>(read);
  const json::object* object = value.if_object();
  const json::value* instances = object == nullptr ? nullptr : object->if_contains("instances");
  if (instances != nullptr && object->size() > 1) {
    return Problem{400, "beside instances there may be no other member"};
  }
  if (instances != nullptr) return ReadInstances(*instances);
  ProblemOr<ClassifyCall::Input> row = ReadRow(value, {"the body"});
  if (auto* problem = std::get_if<Problem>(&row)) return std::move(*problem);
  TorchServeRequest request;
  request.inputs.push_back(std::get<ClassifyCall::Input>(std::move(row)));
  return request;
}

bool IsText(std::string_view type) { return type.empty() || type == "application/octet-stream" || type.starts_with("text/"); }

bool IsJson(std::string_view type) {
  return type == "application/json" || (type.starts_with("application/") && type.ends_with("+json"));
}

}  // namespace

ProblemOr<TorchServeRequest> ReadTorchServeRequest(const HttpRequest& request, JsonBody& body) {
  if (auto refusal = RefuseUnlessUtf8(request)) return *std::move(refusal);
  const std::string type = ParseMediaType(request.headers.Find("Content-Type").value_or("")).type;
  if (IsText(type)) return OneText(request.body);
  if (IsJson(type)) return ReadJson(body);
  if (type == "multipart/form-data") return ReadMultipartForm(request);
  if (type == "application/x-www-form-urlencoded") return ReadEncodedForm(request.body);
  return Problem{415, absl::StrCat("Content-Type ", Shortened(type),
                                   " is not read; use text/plain (or none), application/json, multipart/form-data or "
                                   "application/x-www-form-urlencoded")};
}

}  // namespace verdict
