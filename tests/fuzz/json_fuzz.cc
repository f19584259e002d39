// Bodies of JSON: what the outline accepts, the values accept; what is written reads back; and Python's errors are where ours
// are.
#include <algorithm>
#include <string>

#include "boost/json/parse.hpp"
#include "common/utf8.h"
#include "gateway/dialects/python_json_error.h"
#include "gateway/dialects/python_text.h"
#include "gateway/http/byte_order_mark.h"
#include "gateway/http/json_string.h"
#include "gateway/json/json_body.h"
#include "gateway/json/json_value.h"
#include "tests/fuzz/fuzz_target.h"

namespace verdict {
namespace {

namespace json = boost::json;

std::string Written(const json::value& value) {
  std::string out;
  AppendJsonValue(out, value);
  return out;
}

// Boost.JSON may be off in the last digit of a number with many, or with a large exponent.
bool HasFloat(const json::value& value) {
  if (value.is_double()) return true;
  if (value.is_array()) return std::any_of(value.get_array().begin(), value.get_array().end(), HasFloat);
  if (!value.is_object()) return false;
  return std::any_of(value.get_object().begin(), value.get_object().end(),
                     [](const json::key_value_pair& member) { return HasFloat(member.value()); });
}

void CheckWriting(const json::value& value) {
  const std::string once = Written(value);
  json::error_code error;
  const json::value again = json::parse({once.data(), once.size()}, error);
  Expect(!error, "what is written is JSON");
  if (!HasFloat(value)) ExpectSame(once, Written(again), "what is written reads back as the same");
}

void CheckString(std::string_view bytes) {
  std::string out;
  AppendJsonString(out, bytes);
  json::error_code error;
  const json::value value = json::parse({out.data(), out.size()}, error);
  Expect(!error && value.is_string(), "a written string is a string");
  if (FindInvalidUtf8(bytes)) return;
  const json::string& text = value.get_string();
  ExpectSame(bytes, {text.data(), text.size()}, "a written string reads back as the same");
}

void CheckPythonError(std::string_view text, const ProblemOr<JsonOutline>& outline) {
  if (FindInvalidUtf8(text)) return;
  const auto error = FindPythonJsonError(text);
  if (error) Expect(error->position <= CountCodePoints(text), "the error is inside the text");
  if (std::holds_alternative<JsonOutline>(outline)) Expect(!error, "what is JSON to us is JSON to Python");
}

}  // namespace

void Fuzz(std::string_view bytes) {
  JsonBody body(bytes);
  const auto& outline = body.Outline();
  const auto value = body.Value();
  if (const auto* problem = std::get_if<Problem>(&value)) {
    Expect(std::holds_alternative<Problem>(outline) || problem->status == 413, "values have no problem that the outline has not");
    Expect(!FindInvalidUtf8(problem->detail), "a problem is text");
  } else {
    Expect(std::holds_alternative<JsonOutline>(outline), "the outline has no problem that values have not");
    const json::value& found = *std::get<const json::value*>(value);
    Expect(found.is_object() == (body.OutlineIfGood()->kind == JsonKind::kObject), "outline and value agree");
    for (const JsonOutline::Member& member : body.OutlineIfGood()->members) {
      Expect(!FindInvalidUtf8(member.name) && !FindInvalidUtf8(member.text), "what is read is text");
      Expect(found.get_object().contains({member.name.data(), member.name.size()}), "outline and value have the same members");
    }
    CheckWriting(found);
  }
  CheckString(bytes);
  CheckPythonError(WithoutByteOrderMark(bytes), outline);
}

}  // namespace verdict
