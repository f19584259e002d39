#include "gateway/records/record_reader.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "boost/json/parse.hpp"
#include "common/utf8.h"
#include "gateway/http/byte_order_mark.h"
#include "gateway/json/json_outline.h"
#include "gateway/records/line_splitter.h"
#include "gateway/records/record_text.h"

namespace verdict {
namespace {

constexpr char kExpected[] = R"(: send an object with a string member "text" or "inputs", or a string)";

// A record is judged in the words in which a whole body would be.
Record BadJson(const Problem& problem) { return Record::Bad(absl::StrReplaceAll(problem.detail, {{"the body", "the record"}})); }

Record WrongType(std::string_view member, JsonKind kind) {
  return Record::Bad(
      absl::StrCat("the member \"", std::string(member), "\" must be a string, not ", std::string(Describe(kind))));
}

Record FromObject(JsonOutline& outline) {
  const auto* text = outline.Find("text");
  const auto* inputs = outline.Find("inputs");
  if (text != nullptr && inputs != nullptr) return Record::Bad(R"(the record has both "text" and "inputs"; send one of them)");
  const auto* found = text != nullptr ? text : inputs;
  if (found == nullptr) return Record::Bad(absl::StrCat(R"(the record has no member "text" or "inputs")", kExpected));
  if (found->kind != JsonKind::kString) return WrongType(found->name, found->kind);
  Record record{.input = {found->text, std::nullopt}};
  const auto* pair = outline.Find("text_pair");
  if (pair == nullptr || pair->kind == JsonKind::kNull) return record;
  if (pair->kind != JsonKind::kString) return WrongType("text_pair", pair->kind);
  record.input.text_pair = pair->text;
  return record;
}

// The outline has found the line to be a string.
Record FromString(std::string_view line) {
  boost::json::error_code error;
  const boost::json::value value = boost::json::parse({line.data(), line.size()}, error);
  if (error || !value.is_string()) return Record::Bad("the record is not valid JSON");
  return {.input = {std::string(value.as_string()), std::nullopt}};
}

bool IsBlank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

class LinesReader : public RecordReader {
 public:
  explicit LinesReader(RecordLimits limits) : limits_(limits), lines_(limits.record_bytes) {}

  void Read(std::string_view bytes, std::vector<Record>& records) override {
    lines_.Split(bytes, [&](std::string_view line, bool too_long) { records.push_back(FromLine(line, too_long)); });
  }
  void Finish(std::vector<Record>& records) override {
    lines_.Finish([&](std::string_view line, bool too_long) { records.push_back(FromLine(line, too_long)); });
  }

 private:
  virtual Record Parse(std::string_view line) const = 0;

  Record FromLine(std::string_view line, bool too_long) const {
    return too_long ? TooLongRecord(limits_.record_bytes) : Parse(line);
  }

  const RecordLimits limits_;
  LineSplitter lines_;
};

class JsonLinesReader final : public LinesReader {
 public:
  using LinesReader::LinesReader;

 private:
  Record Parse(std::string_view line) const override { return ReadJsonRecord(line); }
};

class TextLinesReader final : public LinesReader {
 public:
  using LinesReader::LinesReader;

 private:
  Record Parse(std::string_view line) const override { return line.empty() ? Record::Blank() : TextRecord(std::string(line)); }
};

class WholeTextReader final : public RecordReader {
 public:
  explicit WholeTextReader(RecordLimits limits) : limits_(limits) {}

  // Says of a text that is too long what it is as soon as that is known: nobody has to send the rest.
  void Read(std::string_view bytes, std::vector<Record>& records) override {
    if (too_long_) return;
    text_ += bytes.substr(0, limits_.record_bytes + kByteOrderMark.size() + 1 - text_.size());
    too_long_ = WithoutByteOrderMark(text_).size() > limits_.record_bytes;
    if (too_long_) records.push_back(TooLongRecord(limits_.record_bytes));
  }
  void Finish(std::vector<Record>& records) override {
    if (!too_long_) records.push_back(TextRecord(std::string(WithoutByteOrderMark(text_))));
  }

 private:
  const RecordLimits limits_;
  std::string text_;
  bool too_long_ = false;
};

}  // namespace

Record TooLongRecord(size_t most) {
  return Record::Bad(absl::StrCat("the record is longer than ", most, " bytes, the most that is read"));
}

Record TextRecord(std::string text) {
  if (const auto bad = FindInvalidUtf8(text)) return Record::Bad(absl::StrCat("the record is not valid UTF-8 at byte ", *bad));
  return {.input = {std::move(text), std::nullopt}};
}

Record ReadJsonRecord(std::string_view line) {
  if (IsBlank(line)) return Record::Blank();
  ProblemOr<JsonOutline> outline = ReadJsonOutline(line);
  if (const auto* problem = std::get_if<Problem>(&outline)) return BadJson(*problem);
  auto& found = std::get<JsonOutline>(outline);
  if (found.kind == JsonKind::kObject) return FromObject(found);
  if (found.kind == JsonKind::kString) return FromString(line);
  return Record::Bad(absl::StrCat("the record is ", std::string(Describe(found.kind)), kExpected));
}

std::unique_ptr<RecordReader> MakeJsonLinesReader(RecordLimits limits) { return std::make_unique<JsonLinesReader>(limits); }
std::unique_ptr<RecordReader> MakeTextLinesReader(RecordLimits limits) { return std::make_unique<TextLinesReader>(limits); }
std::unique_ptr<RecordReader> MakeWholeTextReader(RecordLimits limits) { return std::make_unique<WholeTextReader>(limits); }

}  // namespace verdict
