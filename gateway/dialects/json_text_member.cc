#include "gateway/dialects/json_text_member.h"

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "boost/json/basic_parser_impl.hpp"
#include "common/utf8.h"
#include "gateway/dialects/json_position.h"

namespace verdict {
namespace {

namespace json = boost::json;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr size_t kMaxDepth = 32;

// Receives the events of the parser and keeps one member of the outermost object. Its functions have the names and the results
// that the parser asks for: true goes on.
class MemberHandler {
 public:
  // NOLINTBEGIN(readability-identifier-naming)
  static constexpr size_t max_object_size = SIZE_MAX;
  static constexpr size_t max_array_size = SIZE_MAX;
  static constexpr size_t max_key_size = SIZE_MAX;
  static constexpr size_t max_string_size = SIZE_MAX;
  // NOLINTEND(readability-identifier-naming)

  explicit MemberHandler(std::string_view name) : name_(name) {}

  bool is_object() const { return is_object_; }
  const char* kind() const { return kind_; }  // of the member's value; null: no such member
  bool is_string() const { return is_string_; }
  std::string TakeText() { return std::move(text_); }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) {
    if (depth_ == 0) is_object_ = true;
    return Open("an object");
  }
  bool on_object_end(size_t, json::error_code&) { return Close(); }
  bool on_array_begin(json::error_code&) { return Open("an array"); }
  bool on_array_end(size_t, json::error_code&) { return Close(); }
  bool on_key_part(json::string_view part, size_t, json::error_code&) {
    if (depth_ == 1 && key_.size() <= name_.size()) key_.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view part, size_t size, json::error_code& error) {
    on_key_part(part, size, error);
    wanted_ = depth_ == 1 && is_object_ && key_ == name_;
    key_.clear();
    if (wanted_) text_.clear();
    return true;
  }
  bool on_string_part(json::string_view part, size_t, json::error_code&) {
    if (wanted_) text_.append(part.data(), part.size());
    return true;
  }
  bool on_string(json::string_view part, size_t size, json::error_code& error) {
    on_string_part(part, size, error);
    const bool wanted = wanted_;
    Value("a string");
    if (wanted) is_string_ = true;
    return true;
  }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(int64_t, json::string_view, json::error_code&) { return Value("a number"); }
  bool on_uint64(uint64_t, json::string_view, json::error_code&) { return Value("a number"); }
  bool on_double(double, json::string_view, json::error_code&) { return Value("a number"); }
  bool on_bool(bool, json::error_code&) { return Value("a boolean"); }
  bool on_null(json::error_code&) { return Value("null"); }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  bool Value(const char* kind) {
    if (wanted_) {
      kind_ = kind;
      is_string_ = false;
      wanted_ = false;
    }
    return true;
  }
  bool Open(const char* kind) {
    ++depth_;
    return Value(kind);
  }
  bool Close() {
    --depth_;
    return true;
  }

  const std::string_view name_;
  std::string key_;
  std::string text_;
  const char* kind_ = nullptr;
  int depth_ = 0;
  bool is_object_ = false;
  bool is_string_ = false;
  bool wanted_ = false;  // the next value is the member's
};

std::string Expected(std::string_view name) {
  return absl::StrCat("send a JSON object with a string member \"", std::string(name), "\"");
}

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
    return {400, absl::StrCat("the body is nested deeper than ", kMaxDepth, " levels at ", DescribePosition(body, offset))};
  }
  if (error == json::error::incomplete) {
    return {400, absl::StrCat("the body is not valid JSON: it ends too early, at ", DescribePosition(body, offset))};
  }
  return {400, absl::StrCat("the body is not valid JSON at ", DescribePosition(body, offset))};
}

std::optional<Problem> Parse(std::string_view body, json::basic_parser<MemberHandler>& parser) {
  const size_t start = body.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  json::error_code error;
  const size_t end = start + parser.write_some(false, body.data() + start, body.size() - start, error);
  if (error) return NotJson(body, end, error);
  if (end == body.size()) return std::nullopt;
  return Problem{400, absl::StrCat("the body is not valid JSON: something follows its value at ", DescribePosition(body, end))};
}

json::parse_options Options() {
  json::parse_options options;
  options.max_depth = kMaxDepth;
  options.allow_invalid_utf8 = true;  // checked before, for the position
  return options;
}

}  // namespace

ProblemOr<std::string> ReadTextMember(std::string_view body, std::string_view name) {
  if (body.empty()) return Problem{400, absl::StrCat("the body is empty: ", Expected(name))};
  if (const auto bad = FindInvalidUtf8(body)) return NotUtf8(body, *bad);
  json::basic_parser<MemberHandler> parser(Options(), name);
  if (auto problem = Parse(body, parser)) return *std::move(problem);
  MemberHandler& handler = parser.handler();
  if (!handler.is_object()) return Problem{400, absl::StrCat("the body is no JSON object: ", Expected(name))};
  if (handler.kind() == nullptr) {
    return Problem{400, absl::StrCat("the member \"", std::string(name), "\" is missing: ", Expected(name))};
  }
  if (!handler.is_string()) {
    return Problem{400, absl::StrCat("the member \"", std::string(name), "\" must be a string, not ", handler.kind())};
  }
  return handler.TakeText();
}

}  // namespace verdict
