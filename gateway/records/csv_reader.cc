#include "gateway/records/csv_reader.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/utf8.h"
#include "gateway/http/ascii.h"
#include "gateway/http/byte_order_mark.h"
#include "gateway/records/record_text.h"

namespace verdict {
namespace {

// More fields are an attack, not a table of texts.
constexpr size_t kMaxFields = 4096;

// Reads a record character by character, because it may end at any; what it keeps is bounded.
class CsvReader final : public RecordReader {
 public:
  CsvReader(CsvOptions options, RecordLimits limits) : options_(options), limits_(limits) {}

  void Read(std::string_view bytes, std::vector<Record>& records) override {
    for (const char c : bytes) {
      if (!IsOfMark(c, records)) Take(c, records);
    }
  }
  void Finish(std::vector<Record>& records) override {
    TakeHalfMark(records);
    if (size_ > 0) EndRecord(records);
  }

 private:
  enum class State { kFieldBegins, kPlain, kQuoted, kQuoteInQuoted, kReturnAfterQuote };

  // A byte order mark comes before any state: what follows it may be a quote that opens a field.
  bool IsOfMark(char c, std::vector<Record>& records) {
    if (mark_ == kByteOrderMark.size()) return false;
    if (c == kByteOrderMark[mark_]) {
      ++mark_;
      return true;
    }
    TakeHalfMark(records);
    return false;
  }

  // What began as a byte order mark and is none is text.
  void TakeHalfMark(std::vector<Record>& records) {
    const size_t seen = std::exchange(mark_, kByteOrderMark.size());
    if (seen == kByteOrderMark.size()) return;
    for (const char c : kByteOrderMark.substr(0, seen)) Take(c, records);
  }

  void Take(char c, std::vector<Record>& records) {
    // Also of a record that is too long: the next one begins behind its closing quote, and nowhere inside.
    const bool inside = state_ == State::kQuoted && !options_.lines;
    if (c == '\n' && !inside) return EndRecord(records);
    ++size_;
    switch (state_) {
      case State::kFieldBegins:
        return Begin(c);
      case State::kPlain:
        return c == ',' ? EndField() : Keep(c);
      case State::kQuoted:
        if (c == '"') {
          state_ = State::kQuoteInQuoted;
        } else {
          Keep(c);
        }
        return;
      case State::kQuoteInQuoted:
        return AfterQuote(c);
      case State::kReturnAfterQuote:
        return FollowsQuote();
    }
  }

  void Begin(char c) {
    if (c == ',') return EndField();
    state_ = c == '"' ? State::kQuoted : State::kPlain;
    if (c != '"') Keep(c);
  }

  void AfterQuote(char c) {
    if (c == '"') {
      Keep(c);
      state_ = State::kQuoted;
    } else if (c == ',') {
      EndField();
    } else if (c == '\r') {
      state_ = State::kReturnAfterQuote;  // of the line's end
    } else {
      FollowsQuote();
    }
  }

  void FollowsQuote() {
    error_ = "something follows the quote that closes a field";
    if (state_ == State::kReturnAfterQuote) state_ = State::kPlain;
  }

  void Keep(char c) {
    if (!too_long()) field().push_back(c);
  }

  std::string& field() { return fields_.back(); }
  bool too_long() const { return size_ > limits_.record_bytes + 1; }  // the CR of the line's end

  void EndField() {
    state_ = State::kFieldBegins;
    if (fields_.size() < kMaxFields) {
      fields_.emplace_back();
    } else {
      error_ = absl::StrCat("the record has more than ", kMaxFields, " fields");
      field().clear();
    }
  }

  void EndRecord(std::vector<Record>& records) {
    if (state_ == State::kPlain && field().ends_with('\r')) {
      field().pop_back();
      --size_;
    }
    if (state_ == State::kReturnAfterQuote) --size_;
    std::optional<Record> record = Made();
    first_ = first_ && record && record->kind == Record::Kind::kBlank;
    if (record) records.push_back(*std::move(record));
    fields_.assign(1, {});
    state_ = State::kFieldBegins;
    size_ = 0;
    error_.clear();
  }

  // Nothing of a header.
  std::optional<Record> Made() {
    if (size_ == 0) return Record::Blank();
    if (size_ > limits_.record_bytes) return TooLongRecord(limits_.record_bytes);
    if (state_ == State::kQuoted) return Record::Bad("a quote that opens a field is not closed");
    if (!error_.empty()) return Record::Bad(error_);
    if (first_ && TakeHeader()) return std::nullopt;
    return FromFields();
  }

  std::optional<size_t> Column(std::string_view name) const {
    const auto found = std::find_if(fields_.begin(), fields_.end(), [&](const std::string& f) { return StripSpace(f) == name; });
    if (found == fields_.end()) return std::nullopt;
    return static_cast<size_t>(found - fields_.begin());
  }

  // Whether the first record is a header.
  bool TakeHeader() {
    if (options_.header == CsvOptions::Header::kAbsent) return false;
    auto text = Column("text");
    if (!text) text = Column("inputs");
    const auto pair = Column("text_pair");
    if (options_.header == CsvOptions::Header::kDetect && !text && !pair) return false;
    pair_ = pair;
    text_ = text.value_or(pair == 0u ? 1 : 0);
    return true;
  }

  Record FromFields() {
    const size_t last = std::max(text_, pair_.value_or(0));
    if (last >= fields_.size()) {
      return Record::Bad(absl::StrCat("the record has ", fields_.size(), " fields, and column ", last + 1, " is read"));
    }
    Record record = TextRecord(std::move(fields_[text_]));
    if (!pair_ || record.kind == Record::Kind::kBad) return record;
    Record pair = TextRecord(std::move(fields_[*pair_]));
    if (pair.kind == Record::Kind::kBad) return pair;
    record.input.text_pair = std::move(pair.input.text);
    return record;
  }

  const CsvOptions options_;
  const RecordLimits limits_;
  std::vector<std::string> fields_ = std::vector<std::string>(1);
  State state_ = State::kFieldBegins;
  size_t mark_ = 0;  // bytes of a byte order mark seen; all of them once it is past
  size_t size_ = 0;  // bytes of the record, before its line end
  std::string error_;
  bool first_ = true;
  size_t text_ = 0;
  std::optional<size_t> pair_;
};

}  // namespace

std::unique_ptr<RecordReader> MakeCsvReader(CsvOptions options, RecordLimits limits) {
  return std::make_unique<CsvReader>(options, limits);
}

}  // namespace verdict
