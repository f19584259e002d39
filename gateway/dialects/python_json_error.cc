#include "gateway/dialects/python_json_error.h"

#include <algorithm>
#include <charconv>

#include "gateway/json/json_outline.h"

namespace verdict {
namespace {

constexpr std::string_view kExpectingValue = "Expecting value";
constexpr std::string_view kBadUnicodeEscape = "Invalid \\uXXXX escape";
constexpr size_t kHexDigits = 4;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHigh(unsigned unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool IsLow(unsigned unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }
bool BeginsCharacter(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

// Walks over a text as CPython's scanner does. Its functions tell whether to go on; once one says no, `error` says why.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  // Position in bytes; the message is empty where the text is nested too deep.
  struct Error {
    size_t position = 0;
    std::string_view message;
  };
  const std::optional<Error>& error() const { return error_; }

  void ScanDocument() {
    SkipSpace();
    if (!ScanValue(0)) return;
    SkipSpace();
    if (at_ != text_.size()) Fail(at_, "Extra data");
    if (!error_ && lone_) Fail(*lone_, kBadUnicodeEscape);
  }

 private:
  bool Fail(size_t position, std::string_view message) {
    error_ = Error{position, message};
    return false;
  }
  bool At(char c) const { return at_ < text_.size() && text_[at_] == c; }
  bool AtDigit() const { return at_ < text_.size() && IsDigit(text_[at_]); }
  void SkipSpace() { at_ = std::min(text_.find_first_not_of(" \t\n\r", at_), text_.size()); }
  void SkipDigits() {
    while (AtDigit()) ++at_;
  }

  bool ScanValue(size_t depth) {
    if (At('"')) return ScanString();
    if (At('{') || At('[')) {
      if (depth == kMaxJsonDepth) return Fail(at_, {});
      return At('{') ? ScanObject(depth + 1) : ScanArray(depth + 1);
    }
    for (const std::string_view literal : {"null", "true", "false"}) {
      if (text_.substr(at_).starts_with(literal)) {
        at_ += literal.size();
        return true;
      }
    }
    return ScanNumber();
  }

  bool ScanObject(size_t depth) {
    ++at_;
    SkipSpace();
    if (At('}')) return ++at_ > 0;
    for (;;) {
      if (!At('"')) return Fail(at_, "Expecting property name enclosed in double quotes");
      if (!ScanString()) return false;
      SkipSpace();
      if (!At(':')) return Fail(at_, "Expecting ':' delimiter");
      ++at_;
      SkipSpace();
      if (!ScanValue(depth)) return false;
      SkipSpace();
      if (At('}')) return ++at_ > 0;
      if (!At(',')) return Fail(at_, "Expecting ',' delimiter");
      ++at_;
      SkipSpace();
    }
  }

  bool ScanArray(size_t depth) {
    ++at_;
    SkipSpace();
    if (At(']')) return ++at_ > 0;
    for (;;) {
      if (!ScanValue(depth)) return false;
      SkipSpace();
      if (At(']')) return ++at_ > 0;
      if (!At(',')) return Fail(at_, "Expecting ',' delimiter");
      ++at_;
      SkipSpace();
    }
  }

  // A number ends where no more of it follows; what does follow is somebody else's error.
  bool ScanNumber() {
    const size_t begin = at_;
    if (At('-')) ++at_;
    if (!AtDigit()) return Fail(begin, kExpectingValue);
    if (At('0')) {
      ++at_;
    } else {
      SkipDigits();
    }
    if (At('.') && at_ + 1 < text_.size() && IsDigit(text_[at_ + 1])) {
      ++at_;
      SkipDigits();
    }
    if (At('e') || At('E')) ScanExponent();
    return true;
  }
  void ScanExponent() {
    const size_t begin = at_++;
    if (At('-') || At('+')) ++at_;
    if (!AtDigit()) at_ = begin;
    SkipDigits();
  }

  bool ScanString() {
    const size_t begin = at_++;
    for (;;) {
      if (at_ == text_.size()) return Fail(begin, "Unterminated string starting at");
      const char c = text_[at_];
      if (c == '"') return ++at_ > 0;
      if (static_cast<unsigned char>(c) < 0x20) return Fail(at_, "Invalid control character at");
      if (c != '\\') {
        ++at_;
      } else if (!ScanEscape(begin)) {
        return false;
      }
    }
  }
  bool ScanEscape(size_t string_begin) {
    const size_t begin = at_++;
    if (at_ == text_.size()) return Fail(string_begin, "Unterminated string starting at");
    if (At('u')) return ScanUnicodeEscape();
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    if (kLetters.find(text_[at_]) == std::string_view::npos) return Fail(begin, "Invalid \\escape");
    ++at_;
    return true;
  }
  bool ScanUnicodeEscape() {
    const size_t digits = ++at_;
    const std::optional<unsigned> unit = CodeUnit(digits);
    if (!unit) return Fail(digits - 1, kBadUnicodeEscape);
    at_ += kHexDigits;
    const std::optional<unsigned> second = text_.substr(at_).starts_with("\\u") ? CodeUnit(at_ + 2) : std::nullopt;
    if (IsHigh(*unit) && second && IsLow(*second)) {
      at_ += 2 + kHexDigits;
    } else if (!lone_ && (IsHigh(*unit) || IsLow(*unit))) {
      lone_ = digits - 1;
    }
    return true;
  }

  // A string goes on behind an escape, or it ends the text; so four digits at the very end are none.
  std::optional<unsigned> CodeUnit(size_t digits) const {
    if (digits + kHexDigits >= text_.size()) return std::nullopt;
    unsigned unit = 0;
    const char* const begin = text_.data() + digits;
    const auto result = std::from_chars(begin, begin + kHexDigits, unit, 16);
    return result.ptr == begin + kHexDigits ? std::optional(unit) : std::nullopt;
  }

  const std::string_view text_;
  size_t at_ = 0;
  std::optional<Error> error_;
  std::optional<size_t> lone_;  // the first half of a surrogate pair, which is no error to CPython
};

}  // namespace

std::optional<PythonJsonError> FindPythonJsonError(std::string_view json) {
  Scanner scanner(json);
  scanner.ScanDocument();
  if (!scanner.error() || scanner.error()->message.empty()) return std::nullopt;
  const std::string_view before = json.substr(0, scanner.error()->position);
  const auto characters = std::count_if(before.begin(), before.end(), BeginsCharacter);
  return PythonJsonError{static_cast<size_t>(characters), scanner.error()->message};
}

}  // namespace verdict
