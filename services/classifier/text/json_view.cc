#include "services/classifier/text/json_view.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "boost/json/array.hpp"
#include "boost/json/serialize.hpp"
#include "boost/json/string.hpp"
#include "common/utf8.h"

namespace verdict {
namespace {

constexpr size_t kMaxShown = 60;

}  // namespace

std::string Quoted(std::string_view text) {
  const bool cut = text.size() > kMaxShown;
  const std::string_view shown = Utf8Prefix(text, kMaxShown);
  const std::string escaped = boost::json::serialize(boost::json::string(shown.data(), shown.size()));
  return cut ? absl::StrCat(escaped.substr(0, escaped.size() - 1), "…\"") : escaped;
}

const boost::json::value* JsonView::Find(std::string_view member) const {
  const boost::json::value* value = object_->if_contains({member.data(), member.size()});
  return value == nullptr || value->is_null() ? nullptr : value;
}

absl::StatusOr<bool> JsonView::Boolean(std::string_view member, std::optional<bool> fallback) const {
  const boost::json::value* value = Find(member);
  if (value == nullptr && fallback) return *fallback;
  if (value == nullptr || !value->is_bool()) return Error(member, "expected true or false");
  return value->get_bool();
}

absl::StatusOr<int64_t> JsonView::Integer(std::string_view member, int64_t min, int64_t max,
                                          std::optional<int64_t> fallback) const {
  const boost::json::value* value = Find(member);
  if (value == nullptr && fallback) return *fallback;
  if (value == nullptr || !value->is_int64() || value->get_int64() < min || value->get_int64() > max) {
    return Error(member, absl::StrCat("expected an integer between ", min, " and ", max));
  }
  return value->get_int64();
}

absl::StatusOr<std::string> JsonView::String(std::string_view member, std::optional<std::string> fallback) const {
  const boost::json::value* value = Find(member);
  if (value == nullptr && fallback) return *fallback;
  if (value == nullptr || !value->is_string()) return Error(member, "expected a string");
  return std::string(value->get_string());
}

absl::StatusOr<JsonView> JsonView::Object(std::string_view member) const {
  const boost::json::value* value = Find(member);
  if (value == nullptr || !value->is_object()) return Error(member, "expected an object");
  return JsonView(file_, Join(member), value->get_object());
}

absl::StatusOr<std::vector<JsonView>> JsonView::Objects(std::string_view member) const {
  const boost::json::value* value = Find(member);
  if (value == nullptr || !value->is_array()) return Error(member, "expected an array");
  std::vector<JsonView> objects;
  for (const boost::json::value& item : value->get_array()) {
    absl::StatusOr<JsonView> object = ObjectAt(item, absl::StrCat(std::string(member), "[", objects.size(), "]"));
    if (!object.ok()) return object.status();
    objects.push_back(*std::move(object));
  }
  return objects;
}

absl::StatusOr<JsonView> JsonView::ObjectAt(const boost::json::value& value, std::string_view path) const {
  if (!value.is_object()) return Error(path, "expected an object");
  return JsonView(file_, Join(path), value.get_object());
}

absl::Status JsonView::Error(std::string_view member, std::string_view problem) const {
  const std::string where = Join(member);
  return absl::InvalidArgumentError(absl::StrCat(file_, ": ", where, where.empty() ? "" : ": ", std::string(problem)));
}

absl::Status JsonView::Unsupported(std::string_view member, std::string_view found) const {
  return absl::UnimplementedError(Error(member, absl::StrCat(Quoted(found), " is not supported")).message());
}

std::string JsonView::Join(std::string_view member) const {
  if (path_.empty() || member.empty()) return absl::StrCat(path_, std::string(member));
  return absl::StrCat(path_, ".", std::string(member));
}

}  // namespace verdict
