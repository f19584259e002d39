#include "gateway/openapi/openapi.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "boost/json/array.hpp"
#include "boost/json/object.hpp"
#include "boost/json/parse.hpp"
#include "boost/json/serialize.hpp"
#include "gateway/openapi/openapi_operation.h"

namespace verdict {
namespace {

namespace json = boost::json;

constexpr char kInvocations[] = "/invocations";
constexpr char kInvokeModel[] = "/models/{model}/invoke";

// What the server answers to any request, and to those that need a body, before a dialect sees it. The components are the base's.
struct ServerResponse {
  const char* status;
  const char* component;
  bool to_bodies_only;
};
constexpr ServerResponse kServerResponses[] = {
    {"400", "BadHttp", false},        {"408", "TooSlow", false},     {"411", "NoLength", true},
    {"413", "TooLarge", false},       {"417", "Expectation", false}, {"431", "HeaderTooLarge", false},
    {"501", "TransferCoding", false}, {"503", "NotServing", false},
};

absl::StatusOr<json::object> Parse(std::string_view text, const std::string& whose) {
  json::error_code error;
  json::value value = json::parse({text.data(), text.size()}, error);
  if (error || !value.is_object())
    return absl::InternalError(absl::StrCat("the OpenAPI fragment of ", whose, " is no JSON object"));
  return std::move(value.get_object());
}

json::object& ObjectAt(json::object& parent, json::string_view name) {
  json::value& value = parent[name];
  return value.is_object() ? value.get_object() : value.emplace_object();
}

// The object `name` of `parent`, to look at; an empty one where there is none.
const json::object& Members(const json::object& parent, json::string_view name) {
  static const json::object kNone;
  const json::value* value = parent.if_contains(name);
  return value != nullptr && value->is_object() ? value->get_object() : kNone;
}

absl::Status AddComponents(json::object& document, const json::object& fragment, const std::string& dialect) {
  json::object& components = ObjectAt(document, "components");
  for (const auto& [kind, group] : Members(fragment, "components")) {
    if (!group.is_object()) continue;
    json::object& target = ObjectAt(components, kind);
    for (const auto& [name, component] : group.get_object()) {
      if (target.insert({{name, component}}), target.at(name) != component) {
        return absl::InternalError(absl::StrCat("the OpenAPI component ", std::string(name), " of ", dialect, " is another's"));
      }
    }
  }
  return absl::OkStatus();
}

void AddPath(json::object& document, json::string_view path, const json::object& operations) {
  json::object& target = ObjectAt(ObjectAt(document, "paths"), path);
  for (const auto& [method, operation] : operations) {
    json::value* known = target.if_contains(method);
    if (known == nullptr) {
      target.insert({{method, operation}});
    } else if (known->is_object() && operation.is_object() && known->get_object().contains("requestBody")) {
      MergeOperation(known->get_object(), operation.get_object(), Members(document, "components"));
    }
  }
}

absl::Status AddFragment(json::object& document, const OpenApiFragment& fragment) {
  const auto parsed = Parse(fragment.text, fragment.dialect);
  if (!parsed.ok()) return parsed.status();
  if (absl::Status added = AddComponents(document, *parsed, fragment.dialect); !added.ok()) return added;
  json::value& tags = document["tags"];
  if (!tags.is_array()) tags.emplace_array();
  if (const json::value* own = parsed->if_contains("tags"); own != nullptr && own->is_array()) {
    for (const json::value& tag : own->get_array()) tags.get_array().push_back(tag);
  }
  for (const auto& [path, operations] : Members(*parsed, "paths")) {
    if (operations.is_object()) AddPath(document, path, operations.get_object());
  }
  return absl::OkStatus();
}

// As MakeRouter gives these routes a second path.
void AddInvokeModel(json::object& document) {
  const json::value* operation = Members(Members(document, "paths"), kInvocations).if_contains("post");
  if (operation == nullptr || !operation->is_object()) return;
  json::object invoke = operation->get_object();
  invoke["operationId"] = "invoke_model";
  json::value& parameters = invoke["parameters"];
  if (!parameters.is_array()) parameters.emplace_array();
  parameters.get_array().push_back(json::object{{"$ref", "#/components/parameters/Model"}});
  ObjectAt(ObjectAt(document, "paths"), kInvokeModel)["post"] = std::move(invoke);
}

void AddServerResponses(json::object& operation, const json::object& components) {
  json::object& responses = ObjectAt(operation, "responses");
  for (const ServerResponse& row : kServerResponses) {
    if (row.to_bodies_only && !operation.contains("requestBody")) continue;
    const json::value response = json::object{{"$ref", absl::StrCat("#/components/responses/", row.component)}};
    if (json::value* known = responses.if_contains(row.status)) {
      MergeResponse(*known, response, components);
    } else {
      responses[row.status] = response;
    }
  }
}

}  // namespace

absl::StatusOr<std::string> MergeOpenApi(std::string_view base, const std::vector<OpenApiFragment>& fragments,
                                         std::string_view version) {
  auto document = Parse(base, "all dialects");
  if (!document.ok()) return document.status();
  ObjectAt(*document, "info")["version"] = json::string_view(version.data(), version.size());
  for (const OpenApiFragment& fragment : fragments) {
    if (absl::Status added = AddFragment(*document, fragment); !added.ok()) return added;
  }
  AddInvokeModel(*document);
  for (auto& path : ObjectAt(*document, "paths")) {
    for (auto& operation : path.value().get_object()) {
      AddServerResponses(operation.value().get_object(), Members(*document, "components"));
    }
  }
  return json::serialize(*document);
}

}  // namespace verdict
