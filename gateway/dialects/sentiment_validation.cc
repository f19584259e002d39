#include "gateway/dialects/sentiment_validation.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/utf8.h"
#include "gateway/dialects/python_json_error.h"
#include "gateway/dialects/python_text.h"
#include "gateway/http/byte_order_mark.h"
#include "gateway/http/json_string.h"
#include "gateway/json/json_value.h"

namespace verdict {
namespace {

namespace json = boost::json;

constexpr size_t kMaxCharacters = 5000;
constexpr size_t kMaxErrors = 100;  // a body can have millions, and each takes more to say than to make

// One entry of `detail`, as pydantic writes it.
struct Entry {
  std::string_view type;
  std::string loc;      // JSON of what stands behind "body"
  std::string message;  // without the prefix of its type
  const json::value* input = nullptr;
  std::string_view context = {};  // JSON; empty: none
};

void AppendEntry(std::string& out, const Entry& entry) {
  absl::StrAppend(&out, out.empty() ? "{\"detail\":[" : ",", R"({"type":")", std::string(entry.type), R"(","loc":["body")",
                  entry.loc, R"(],"msg":)");
  AppendJsonString(out, entry.message);
  out += R"(,"input":)";
  AppendJsonValue(out, entry.input == nullptr ? json::value() : *entry.input);
  if (!entry.context.empty()) out.append(R"(,"ctx":)").append(entry.context);
  absl::StrAppend(&out, R"(,"url":"https://errors.pydantic.dev/2.5/v/)", std::string(entry.type), "\"}");
}

Problem Unprocessable(std::string entries) { return {422, "the request cannot be processed", {}, std::move(entries) + "]}"}; }

Problem Refusal(const Entry& entry) {
  std::string entries;
  AppendEntry(entries, entry);
  return Unprocessable(std::move(entries));
}

Problem ValueError(std::string_view field, std::string message, const json::value& input) {
  return Refusal({"value_error", absl::StrCat(",\"", std::string(field), "\""), "Value error, " + std::move(message), &input,
                  R"({"error":{}})"});
}

// What the outline found no JSON in. In the order in which the contract's server looks: bytes, then syntax.
Problem NotJson(JsonBody& body, const Problem& problem) {
  std::string_view text = body.text();
  if (text.empty()) return Refusal({"missing", "", "Field required"});
  if (problem.status == 413) return problem;
  text = WithoutByteOrderMark(text);
  const auto error = FindInvalidUtf8(text) ? std::nullopt : FindPythonJsonError(text);
  if (!error) return Problem{400, "There was an error parsing the body"};
  std::string entries = absl::StrCat(R"({"detail":[{"type":"json_invalid","loc":["body",)", error->position,
                                     R"(],"msg":"JSON decode error","input":{},"ctx":{"error":)");
  AppendJsonString(entries, error->message);
  return Unprocessable(std::move(entries) + "}}");
}

// The member of that name of the object that the body is.
ProblemOr<const json::value*> FindField(JsonBody& body, std::string_view name) {
  const ProblemOr<const json::value*> value = body.Value();
  if (const auto* problem = std::get_if<Problem>(&value)) return NotJson(body, *problem);
  const json::value& whole = *std::get<const json::value*>(value);
  if (whole.is_null()) return Refusal({"missing", "", "Field required"});
  if (!whole.is_object()) {
    return Refusal({"model_attributes_type", "", "Input should be a valid dictionary or object to extract fields from", &whole});
  }
  const json::value* field = whole.get_object().if_contains({name.data(), name.size()});
  if (field == nullptr) return Refusal({"missing", absl::StrCat(",\"", std::string(name), "\""), "Field required", &whole});
  return field;
}

// What is wrong with a text that was found bad.
Problem RefuseText(JsonBody& body) {
  const ProblemOr<const json::value*> found = FindField(body, "text");
  if (const auto* problem = std::get_if<Problem>(&found)) return *problem;
  const json::value& field = *std::get<const json::value*>(found);
  const std::string loc = R"(,"text")";
  if (!field.is_string()) return Refusal({"string_type", loc, "Input should be a valid string", &field});
  if (field.get_string().empty()) {
    return Refusal({"string_too_short", loc, "String should have at least 1 character", &field, R"({"min_length":1})"});
  }
  const json::string& text = field.get_string();
  if (CountCodePoints({text.data(), text.size()}) > kMaxCharacters) {
    return Refusal({"string_too_long", loc, "String should have at most 5000 characters", &field, R"({"max_length":5000})"});
  }
  return ValueError("text", "Text cannot be empty or only whitespace", field);
}

bool IsTooLong(std::string_view text) { return text.size() > kMaxCharacters && CountCodePoints(text) > kMaxCharacters; }

std::optional<Problem> RefuseOthersThanStrings(const json::array& array) {
  std::string entries;
  size_t errors = 0;
  for (size_t i = 0; i < array.size() && errors < kMaxErrors; ++i) {
    if (array[i].is_string()) continue;
    AppendEntry(entries, {"string_type", absl::StrCat(",\"texts\",", i), "Input should be a valid string", &array[i]});
    ++errors;
  }
  if (errors == 0) return std::nullopt;
  return Unprocessable(std::move(entries));
}

}  // namespace

ProblemOr<std::string> ReadSentimentText(JsonBody& body) {
  const JsonOutline* outline = body.OutlineIfGood();
  const JsonOutline::Member* member = outline != nullptr && outline->kind == JsonKind::kObject ? outline->Find("text") : nullptr;
  const bool good = member != nullptr && member->kind == JsonKind::kString && !IsBlank(member->text) && !IsTooLong(member->text);
  if (!good) return RefuseText(body);
  return body.TakeTextMember("text");
}

ProblemOr<const json::array*> ReadSentimentTexts(JsonBody& body) {
  const ProblemOr<const json::value*> found = FindField(body, "texts");
  if (const auto* problem = std::get_if<Problem>(&found)) return *problem;
  const json::value& field = *std::get<const json::value*>(found);
  const json::array* array = field.if_array();
  if (array == nullptr) return Refusal({"list_type", R"(,"texts")", "Input should be a valid list", &field});
  if (array->empty()) {
    return Refusal({"too_short", R"(,"texts")", "List should have at least 1 item after validation, not 0", &field,
                    R"({"field_type":"List","min_length":1,"actual_length":0})"});
  }
  if (auto refusal = RefuseOthersThanStrings(*array)) return *std::move(refusal);
  for (size_t i = 0; i < array->size(); ++i) {
    const json::string& string = (*array)[i].get_string();
    const std::string_view text(string.data(), string.size());
    if (IsBlank(text)) return ValueError("texts", absl::StrCat("Text at index ", i, " is empty or only whitespace"), field);
    if (IsTooLong(text)) {
      return ValueError("texts", absl::StrCat("Text at index ", i, " exceeds maximum length of 5000 characters"), field);
    }
  }
  return array;
}

}  // namespace verdict
