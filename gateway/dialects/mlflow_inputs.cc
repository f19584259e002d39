#include "gateway/dialects/mlflow_inputs.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/utf8.h"
#include "gateway/dialects/text_inputs.h"

namespace verdict {
namespace {

namespace json = boost::json;
using Inputs = std::vector<ClassifyCall::Input>;

constexpr std::array<const char*, 4> kFormats = {"dataframe_split", "dataframe_records", "instances", "inputs"};
constexpr char kPair[] = "text_pair";
constexpr size_t kMaxNamed = 10;  // columns in a sentence

absl::Status Invalid(const std::string& message) { return absl::InvalidArgumentError(message); }
std::string_view View(json::string_view text) { return {text.data(), text.size()}; }

absl::StatusOr<std::string> Text(const json::value& value, const std::string& path) {
  if (const json::string* text = value.if_string()) return std::string(View(*text));
  return Invalid(path + " must be a string");
}

// Which columns of a table are read.
struct Columns {
  size_t text = 0;
  std::optional<size_t> pair;
};

absl::StatusOr<Columns> ChooseColumns(const std::vector<std::string_view>& names, const std::string& path) {
  Columns columns;
  std::vector<size_t> texts;  // columns that are no second texts
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == kPair) {
      if (columns.pair) return Invalid(absl::StrCat(path, " has the column \"text_pair\" twice"));
      columns.pair = i;
    } else {
      texts.push_back(i);
    }
  }
  if (texts.size() == 1) {
    columns.text = texts.front();
    return columns;
  }
  std::vector<std::string> unknown;
  for (const size_t i : texts) {
    const bool known = names[i] == "text" || names[i] == "inputs";
    if (!known && unknown.size() < kMaxNamed) unknown.push_back(absl::StrCat("\"", Shortened(names[i]), "\""));
  }
  if (!unknown.empty()) {
    return Invalid(absl::StrCat(path, " has columns that are not read: ", absl::StrJoin(unknown, ", "),
                                "; send \"text\" and, for pairs, \"text_pair\""));
  }
  return Invalid(absl::StrCat(path, texts.empty() ? " has no column of texts" : " has more than one column of texts",
                              "; send \"text\" and, for pairs, \"text_pair\""));
}

absl::Status AppendInput(const json::value& text, const json::value* pair, const std::string& path, Inputs& inputs) {
  auto first = Text(text, path);
  if (!first.ok()) return first.status();
  ClassifyCall::Input input{*std::move(first), std::nullopt};
  if (pair != nullptr) {
    auto second = Text(*pair, path + " (text_pair)");
    if (!second.ok()) return second.status();
    input.text_pair = *std::move(second);
  }
  inputs.push_back(std::move(input));
  return absl::OkStatus();
}

std::vector<std::string_view> NamesOf(const json::object& object) {
  std::vector<std::string_view> names;
  for (const json::key_value_pair& member : object) names.push_back(View(member.key()));
  return names;
}

absl::Status AppendRecord(const json::object& record, const std::string& path, Inputs& inputs) {
  const auto columns = ChooseColumns(NamesOf(record), path);
  if (!columns.ok()) return columns.status();
  const auto value = [&](size_t i) { return &(record.begin() + static_cast<std::ptrdiff_t>(i))->value(); };
  return AppendInput(*value(columns->text), columns->pair ? value(*columns->pair) : nullptr, path, inputs);
}

// A list of texts, of records, or of rows of one text each.
absl::StatusOr<Inputs> ReadList(const json::array& list, const std::string& path) {
  if (const auto too_many = TooManyTexts(path, list.size())) return Invalid(*too_many);
  Inputs inputs;
  for (size_t i = 0; i < list.size(); ++i) {
    const std::string place = absl::StrCat(path, "[", i, "]");
    const json::array* row = list[i].if_array();
    const json::value& element = row != nullptr && row->size() == 1 ? row->front() : list[i];
    absl::Status status =
        element.is_object() ? AppendRecord(element.get_object(), place, inputs) : AppendInput(element, nullptr, place, inputs);
    if (!status.ok()) return status;
  }
  return inputs;
}

// The elements of a column: those of a list, or one text.
struct Column {
  const json::value& values;
  size_t size() const { return values.is_array() ? values.get_array().size() : 1; }
  const json::value& operator[](size_t i) const { return values.is_array() ? values.get_array()[i] : values; }
};

// {"text": ["a", "b"], "text_pair": […]}
absl::StatusOr<Inputs> ReadColumns(const json::object& table, const std::string& path) {
  const auto columns = ChooseColumns(NamesOf(table), path);
  if (!columns.ok()) return columns.status();
  const auto column = [&](size_t i) { return Column{(table.begin() + static_cast<std::ptrdiff_t>(i))->value()}; };
  const Column texts = column(columns->text);
  const std::optional<Column> pairs = columns->pair ? std::optional<Column>(column(*columns->pair)) : std::nullopt;
  if (pairs && pairs->size() != texts.size())
    return Invalid(absl::StrCat(path, " has ", pairs->size(), " second texts for ", texts.size(), " texts"));
  if (const auto too_many = TooManyTexts(path, texts.size())) return Invalid(*too_many);
  Inputs inputs;
  for (size_t i = 0; i < texts.size(); ++i) {
    const absl::Status status = AppendInput(texts[i], pairs ? &(*pairs)[i] : nullptr, absl::StrCat(path, ", row ", i), inputs);
    if (!status.ok()) return status;
  }
  return inputs;
}

// The names in `columns`; one without a name where there are none, as pandas numbers them.
absl::StatusOr<std::vector<std::string_view>> SplitNames(const json::object& split) {
  const json::value* columns = split.if_contains("columns");
  if (columns == nullptr || columns->is_null()) return std::vector<std::string_view>{"0"};
  if (!columns->is_array()) return Invalid("dataframe_split.columns must be a list of names");
  std::vector<std::string_view> names;
  for (const json::value& name : columns->get_array()) {
    if (!name.is_string()) return Invalid(absl::StrCat("dataframe_split.columns[", names.size(), "] must be a string"));
    names.push_back(View(name.get_string()));
  }
  return names;
}

absl::StatusOr<Inputs> ReadSplit(const json::value& value) {
  constexpr char kExpected[] = "dataframe_split must be an object with data and, if need be, columns and index";
  const json::object* split = value.if_object();
  const json::value* data = split == nullptr ? nullptr : split->if_contains("data");
  if (data == nullptr) return Invalid(kExpected);
  for (const std::string_view name : NamesOf(*split)) {
    if (name != "data" && name != "columns" && name != "index")
      return Invalid(absl::StrCat(kExpected, ", not \"", Shortened(name), "\""));
  }
  if (!data->is_array()) return Invalid("dataframe_split.data must be a list of rows");
  if (const auto too_many = TooManyTexts("dataframe_split.data", data->get_array().size())) return Invalid(*too_many);
  const auto names = SplitNames(*split);
  if (!names.ok()) return names.status();
  const auto columns = ChooseColumns(*names, "dataframe_split.columns");
  if (!columns.ok()) return columns.status();
  Inputs inputs;
  for (const json::value& row : data->get_array()) {
    const std::string path = absl::StrCat("dataframe_split.data[", inputs.size(), "]");
    const json::array* cells = row.if_array();
    if (cells == nullptr && names->size() > 1) return Invalid(path + " must be a list");
    if (cells != nullptr && cells->size() != names->size())
      return Invalid(absl::StrCat(path, " has ", cells->size(), " values for ", names->size(), " columns"));
    const json::value& text = cells == nullptr ? row : (*cells)[columns->text];
    const json::value* pair = columns->pair ? &(*cells)[*columns->pair] : nullptr;
    if (absl::Status status = AppendInput(text, pair, path, inputs); !status.ok()) return status;
  }
  return inputs;
}

absl::StatusOr<Inputs> ReadFormat(const std::string& format, const json::value& value) {
  if (format == "dataframe_split") return ReadSplit(value);
  if (value.is_array()) return ReadList(value.get_array(), format);
  if (format == "inputs" && value.is_object()) return ReadColumns(value.get_object(), format);
  if (format == "inputs" && value.is_string()) return Inputs{{std::string(View(value.get_string())), std::nullopt}};
  return Invalid(format + (format == "inputs" ? " must be a text, a list of texts, or columns by name" : " must be a list"));
}

}  // namespace

absl::StatusOr<Inputs> ReadMlflowInputs(const json::object& request) {
  std::vector<std::string> found;
  for (const char* format : kFormats) {
    if (request.contains(format)) found.emplace_back(format);
  }
  if (found.size() == 1) return ReadFormat(found.front(), request.at(found.front()));
  return Invalid(absl::StrCat("the input must be a JSON object with exactly one of ", absl::StrJoin(kFormats, ", "), ", and has ",
                              found.empty() ? "none" : absl::StrJoin(found, " and ")));
}

}  // namespace verdict
