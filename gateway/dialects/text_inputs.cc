#include "gateway/dialects/text_inputs.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/utf8.h"
#include "gateway/http/byte_order_mark.h"
#include "gateway/json/json_position.h"

namespace verdict {

namespace json = boost::json;

std::optional<std::string> TooManyTexts(std::string_view place, uint64_t count) {
  if (count <= kMaxTexts) return std::nullopt;
  return absl::StrCat(std::string(place), " has ", count, " elements; a request takes at most ", kMaxTexts);
}

std::string ToString(const JsonPlace& place) {
  std::string text(place.name);
  if (place.index) absl::StrAppend(&text, "[", *place.index, "]");
  if (!place.member.empty()) absl::StrAppend(&text, ".", std::string(place.member));
  return text;
}

JsonKind KindOf(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return JsonKind::kNull;
    case json::kind::bool_:
      return JsonKind::kBoolean;
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
      return JsonKind::kNumber;
    case json::kind::string:
      return JsonKind::kString;
    case json::kind::array:
      return JsonKind::kArray;
    case json::kind::object:
      return JsonKind::kObject;
  }
  return JsonKind::kNull;
}

Problem WrongType(const JsonPlace& place, std::string_view expected, const json::value& value) {
  return {400, absl::StrCat(ToString(place), " must be ", std::string(expected), ", not ", std::string(Describe(KindOf(value))))};
}

ProblemOr<std::string> ReadText(const json::value& value, const JsonPlace& place) {
  const json::string* text = value.if_string();
  if (text == nullptr) return WrongType(place, "a string", value);
  return std::string(text->data(), text->size());
}

ProblemOr<ClassifyCall::Input> ReadTextObject(const json::object& object, const JsonPlace& place, std::string_view name) {
  ClassifyCall::Input input;
  bool has_text = false;
  for (const auto& [key, value] : object) {
    const std::string_view member(key.data(), key.size());
    const bool is_text = member == name;
    const JsonPlace where{place.name, place.index, member};
    if (!is_text && member != "text_pair") {
      return Problem{400, absl::StrCat(Shortened(ToString(where)), " is not known here; ", ToString(place), " has the members ",
                                       std::string(name), " and text_pair")};
    }
    if (!is_text && value.is_null()) continue;
    ProblemOr<std::string> text = ReadText(value, where);
    if (auto* problem = std::get_if<Problem>(&text)) return std::move(*problem);
    if (is_text) {
      input.text = std::get<std::string>(std::move(text));
      has_text = true;
    } else {
      input.text_pair = std::get<std::string>(std::move(text));
    }
  }
  if (!has_text) return Problem{400, absl::StrCat(ToString({place.name, place.index, name}), " is missing")};
  return input;
}

ProblemOr<ClassifyCall::Input> ReadTextList(const json::array& list, const JsonPlace& place) {
  if (list.empty() || list.size() > 2) {
    return Problem{400, absl::StrCat(ToString(place), " must hold one text, or the two of a pair, not ", list.size())};
  }
  ClassifyCall::Input input;
  for (size_t i = 0; i < list.size(); ++i) {
    const std::string name = ToString(place);
    ProblemOr<std::string> text = ReadText(list[i], {name, i});
    if (auto* problem = std::get_if<Problem>(&text)) return std::move(*problem);
    if (i == 0) {
      input.text = std::get<std::string>(std::move(text));
    } else {
      input.text_pair = std::get<std::string>(std::move(text));
    }
  }
  return input;
}

ProblemOr<std::vector<ClassifyCall::Input>> ReadInputs(const json::array& list, std::string_view name, ReadElement read) {
  if (auto too_many = TooManyTexts(name, list.size())) return Problem{400, *std::move(too_many)};
  std::vector<ClassifyCall::Input> inputs;
  inputs.reserve(list.size());
  for (size_t i = 0; i < list.size(); ++i) {
    ProblemOr<ClassifyCall::Input> input = read(list[i], {name, i});
    if (auto* problem = std::get_if<Problem>(&input)) return std::move(*problem);
    inputs.push_back(std::get<ClassifyCall::Input>(std::move(input)));
  }
  return inputs;
}

ProblemOr<std::string> ReadPlainText(std::string_view body) {
  if (const auto bad = FindInvalidUtf8(body)) {
    return Problem{400, absl::StrCat("the text is not valid UTF-8 at ", DescribePosition(body, *bad))};
  }
  return std::string(WithoutByteOrderMark(body));
}

}  // namespace verdict
