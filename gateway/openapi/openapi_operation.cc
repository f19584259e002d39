#include "gateway/openapi/openapi_operation.h"

#include <algorithm>
#include <string>

#include "boost/json/array.hpp"
#include "boost/json/value.hpp"

namespace verdict {
namespace {

namespace json = boost::json;

// The component behind {"$ref": "#/components/…/…"}; other values, and references that lead nowhere, are their own.
const json::value& Resolve(const json::value& value, const json::object& components) {
  constexpr std::string_view kPrefix = "#/components/";
  const json::object* object = value.if_object();
  const json::value* reference = object == nullptr ? nullptr : object->if_contains("$ref");
  if (reference == nullptr || !reference->is_string()) return value;
  const json::string& text = reference->get_string();
  const std::string_view path(text.data(), text.size());
  const size_t slash = path.find('/', kPrefix.size());
  if (!path.starts_with(kPrefix) || slash == std::string_view::npos) return value;
  const std::string_view kind = path.substr(kPrefix.size(), slash - kPrefix.size());
  const std::string_view name = path.substr(slash + 1);
  const json::value* group = components.if_contains(json::string_view(kind.data(), kind.size()));
  const json::object* named = group == nullptr ? nullptr : group->if_object();
  const json::value* found = named == nullptr ? nullptr : named->if_contains(json::string_view(name.data(), name.size()));
  return found == nullptr ? value : *found;
}

json::object& ObjectAt(json::object& parent, json::string_view name) {
  json::value& value = parent[name];
  return value.is_object() ? value.get_object() : value.emplace_object();
}

// Members of `from` that `into` lacks.
void AddMembers(json::object& into, json::string_view name, const json::object& from) {
  const json::value* members = from.if_contains(name);
  if (members == nullptr || !members->is_object()) return;
  json::object& target = ObjectAt(into, name);
  for (const auto& [key, value] : members->get_object()) target.insert({{key, value}});
}

// Elements of `from` that `into` lacks.
void AddElements(json::object& into, json::string_view name, const json::object& from) {
  const json::value* elements = from.if_contains(name);
  if (elements == nullptr || !elements->is_array()) return;
  json::value& value = into[name];
  json::array& target = value.is_array() ? value.get_array() : value.emplace_array();
  for (const json::value& element : elements->get_array()) {
    if (std::find(target.begin(), target.end(), element) == target.end()) target.push_back(element);
  }
}

void AppendText(json::object& into, json::string_view name, const json::object& from, std::string_view separator) {
  const json::value* text = from.if_contains(name);
  if (text == nullptr || !text->is_string()) return;
  json::value& value = into[name];
  if (!value.is_string()) value.emplace_string();
  json::string& target = value.get_string();
  if (target.find(text->get_string()) != json::string::npos) return;
  if (!target.empty()) target.append(json::string_view(separator.data(), separator.size()));
  target.append(text->get_string());
}

// {"anyOf": […]} of both; what one allows already, or what allows anything, is not repeated.
void MergeSchema(json::object& into, const json::object& from) {
  const json::value* added = from.if_contains("schema");
  json::value* schema = into.if_contains("schema");
  if (added == nullptr || schema == nullptr) {
    into.erase("schema");  // no schema: anything
    return;
  }
  if (*schema == *added) return;
  const json::object* object = schema->if_object();
  const bool any_of = object != nullptr && object->size() == 1 && object->contains("anyOf");
  if (!any_of) *schema = json::object{{"anyOf", json::array{*schema}}};
  AddElements(schema->get_object(), "anyOf", json::object{{"anyOf", json::array{*added}}});
}

void MergeContent(json::object& into, const json::object& from) {
  const json::value* content = from.if_contains("content");
  if (content == nullptr || !content->is_object()) return;
  json::object& target = ObjectAt(into, "content");
  for (const auto& [media_type, media] : content->get_object()) {
    json::value* known = target.if_contains(media_type);
    if (known == nullptr) {
      target.insert({{media_type, media}});
    } else if (known->is_object() && media.is_object()) {
      MergeSchema(known->get_object(), media.get_object());
      AddMembers(known->get_object(), "examples", media.get_object());
    }
  }
}

}  // namespace

void MergeResponse(json::value& into, const json::value& from, const json::object& components) {
  if (into == from) return;
  into = json::value(Resolve(into, components));
  const json::value& added = Resolve(from, components);
  if (!into.is_object() || !added.is_object()) return;
  AppendText(into.get_object(), "description", added.get_object(), " ");
  AddMembers(into.get_object(), "headers", added.get_object());
  MergeContent(into.get_object(), added.get_object());
}

void MergeOperation(json::object& into, const json::object& from, const json::object& components) {
  AppendText(into, "summary", from, "; ");
  AppendText(into, "description", from, "\n\n");
  AddElements(into, "tags", from);
  AddElements(into, "parameters", from);
  if (const json::value* body = from.if_contains("requestBody")) {
    json::value& target = into["requestBody"];
    target = json::value(Resolve(target, components));
    const json::value& added = Resolve(*body, components);
    if (target.is_object() && added.is_object()) MergeContent(target.get_object(), added.get_object());
  }
  const json::value* responses = from.if_contains("responses");
  if (responses == nullptr || !responses->is_object()) return;
  json::object& target = ObjectAt(into, "responses");
  for (const auto& [status, response] : responses->get_object()) {
    if (json::value* known = target.if_contains(status)) {
      MergeResponse(*known, response, components);
    } else {
      target.insert({{status, response}});
    }
  }
}

}  // namespace verdict
