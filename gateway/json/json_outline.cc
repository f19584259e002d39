#include "gateway/json/json_outline.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "boost/json/basic_parser_impl.hpp"
#include "common/utf8.h"
#include "gateway/http/byte_order_mark.h"
#include "gateway/json/json_position.h"

namespace verdict {
namespace {

namespace json = boost::json;

// Members are looked at one by one and by several readers, and an object of more than this is no request for us.
constexpr size_t kMaxMembers = 4096;

// Below this many members a search is quicker than a table.
constexpr size_t kFewMembers = 16;

// Receives the events of the parser and keeps the members of the outermost object. Its functions have the names and the results
// that the parser asks for: true goes on.
class OutlineHandler {
 public:
  // NOLINTBEGIN(readability-identifier-naming)
  static constexpr size_t max_object_size = SIZE_MAX;
  static constexpr size_t max_array_size = SIZE_MAX;
  static constexpr size_t max_key_size = SIZE_MAX;
  static constexpr size_t max_string_size = SIZE_MAX;
  // NOLINTEND(readability-identifier-naming)

  JsonOutline TakeOutline() { return std::move(outline_); }
  bool too_many_members() const { return too_many_; }
  bool too_many_values() const { return values_ > kMaxJsonValues; }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code& error) { return Open(JsonKind::kObject, error); }
  bool on_object_end(size_t, json::error_code&) { return Close(); }
  bool on_array_begin(json::error_code& error) { return Open(JsonKind::kArray, error); }
  bool on_array_end(size_t, json::error_code&) { return Close(); }
  bool on_key_part(json::string_view part, size_t, json::error_code&) {
    if (InOutermostObject()) key_.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view part, size_t size, json::error_code& error) {
    on_key_part(part, size, error);
    if (!InOutermostObject()) return true;
    member_ = Member(std::exchange(key_, {}));
    if (member_ != nullptr) return true;
    too_many_ = true;
    error = json::error::object_too_large;
    return false;
  }
  bool on_string_part(json::string_view part, size_t, json::error_code&) {
    if (member_ != nullptr) member_->text.append(part.data(), part.size());
    return true;
  }
  bool on_string(json::string_view part, size_t size, json::error_code& error) {
    on_string_part(part, size, error);
    return Value(JsonKind::kString, error);
  }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(int64_t, json::string_view, json::error_code& error) { return Value(JsonKind::kNumber, error); }
  bool on_uint64(uint64_t, json::string_view, json::error_code& error) { return Value(JsonKind::kNumber, error); }
  bool on_double(double, json::string_view, json::error_code& error) { return Value(JsonKind::kNumber, error); }
  bool on_bool(bool, json::error_code& error) { return Value(JsonKind::kBoolean, error); }
  bool on_null(json::error_code& error) { return Value(JsonKind::kNull, error); }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  bool InOutermostObject() const { return depth_ == 1 && outline_.kind == JsonKind::kObject; }

  // The member of that name, emptied, or a new one; null when there are too many.
  JsonOutline::Member* Member(std::string name) {
    JsonOutline::Member* member = Known(name);
    if (member == nullptr) {
      if (outline_.members.size() == kMaxMembers) return nullptr;
      if (outline_.members.size() >= kFewMembers) places_.emplace(name, outline_.members.size());
      member = &outline_.members.emplace_back();
      member->name = std::move(name);
    }
    member->text.clear();
    return member;
  }
  JsonOutline::Member* Known(const std::string& name) {
    for (size_t i = 0; i < std::min(outline_.members.size(), kFewMembers); ++i) {
      if (outline_.members[i].name == name) return &outline_.members[i];
    }
    const auto place = places_.find(name);
    return place == places_.end() ? nullptr : &outline_.members[place->second];
  }

  bool Value(JsonKind kind, json::error_code& error) {
    if (++values_ > kMaxJsonValues) error = json::error::array_too_large;
    if (depth_ == 0) outline_.kind = kind;
    if (JsonOutline::Member* member = std::exchange(member_, nullptr)) member->kind = kind;
    return !error;
  }
  bool Open(JsonKind kind, json::error_code& error) {
    const bool more = Value(kind, error);
    ++depth_;
    return more;
  }
  bool Close() {
    --depth_;
    return true;
  }

  JsonOutline outline_;
  absl::flat_hash_map<std::string, size_t> places_;  // of the members after the first few
  std::string key_;
  JsonOutline::Member* member_ = nullptr;  // whose value is next
  size_t values_ = 0;
  int depth_ = 0;
  bool too_many_ = false;
};

Problem NotUtf8(std::string_view body, size_t offset) {
  return {400, absl::StrCat("the body is not valid UTF-8 at ", DescribePosition(body, offset))};
}

// Why the parser stopped at `offset`.
Problem NotJson(std::string_view body, size_t offset, const json::error_code& error) {
  if (const auto lone = FindLoneSurrogate(body); lone && *lone <= offset) {
    return {400, absl::StrCat("the \\u escape at ", DescribePosition(body, *lone),
                              " is half of a surrogate pair, which is no character")};
  }
  if (error == json::error::too_deep) {
    return {400, absl::StrCat("the body is nested deeper than ", kMaxJsonDepth, " levels at ", DescribePosition(body, offset))};
  }
  if (error == json::error::incomplete) {
    return {400, absl::StrCat("the body is not valid JSON: it ends too early, at ", DescribePosition(body, offset))};
  }
  return {400, absl::StrCat("the body is not valid JSON at ", DescribePosition(body, offset))};
}

std::optional<Problem> Parse(std::string_view body, json::basic_parser<OutlineHandler>& parser) {
  const size_t start = body.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  json::error_code error;
  const size_t end = start + parser.write_some(false, body.data() + start, body.size() - start, error);
  if (parser.handler().too_many_values()) return Problem{413, absl::StrCat("the body has more than ", kMaxJsonValues, " values")};
  if (parser.handler().too_many_members())
    return Problem{400, absl::StrCat("the object has more than ", kMaxMembers, " members")};
  if (error) return NotJson(body, end, error);
  if (end == body.size()) return std::nullopt;
  return Problem{400, absl::StrCat("the body is not valid JSON: something follows its value at ", DescribePosition(body, end))};
}

json::parse_options Options() {
  json::parse_options options;
  options.max_depth = kMaxJsonDepth;
  options.allow_invalid_utf8 = true;  // checked before, for the position
  return options;
}

}  // namespace

std::string_view Describe(JsonKind kind) {
  switch (kind) {
    case JsonKind::kNull:
      return "null";
    case JsonKind::kBoolean:
      return "a boolean";
    case JsonKind::kNumber:
      return "a number";
    case JsonKind::kString:
      return "a string";
    case JsonKind::kArray:
      return "an array";
    case JsonKind::kObject:
      return "an object";
  }
  return "null";
}

const JsonOutline::Member* JsonOutline::Find(std::string_view name) const {
  for (const Member& member : members) {
    if (member.name == name) return &member;
  }
  return nullptr;
}

ProblemOr<JsonOutline> ReadJsonOutline(std::string_view body) {
  if (body.empty()) return Problem{400, "the body is empty: send JSON"};
  if (const auto bad = FindInvalidUtf8(body)) return NotUtf8(body, *bad);
  json::basic_parser<OutlineHandler> parser(Options());
  if (auto problem = Parse(body, parser)) return *std::move(problem);
  return parser.handler().TakeOutline();
}

}  // namespace verdict
