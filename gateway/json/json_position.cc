#include "gateway/json/json_position.h"

#include <algorithm>
#include <charconv>

#include "absl/strings/str_cat.h"

namespace verdict {
namespace {

constexpr size_t kEscapeSize = 6;  // \uXXXX

// The code unit of a \u escape that begins at `at`.
std::optional<unsigned> CodeUnit(std::string_view json, size_t at) {
  if (at + kEscapeSize > json.size() || json[at] != '\\' || json[at + 1] != 'u') return std::nullopt;
  unsigned unit = 0;
  const char* const digits = json.data() + at + 2;
  const auto result = std::from_chars(digits, digits + 4, unit, 16);
  if (result.ptr != digits + 4) return std::nullopt;
  return unit;
}

bool IsHigh(unsigned unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool IsLow(unsigned unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }
bool BeginsCharacter(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

}  // namespace

std::string DescribePosition(std::string_view json, size_t offset) {
  const std::string_view before = json.substr(0, offset);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
  const std::string_view line = before.substr(line_begin);
  const auto column = std::count_if(line.begin(), line.end(), BeginsCharacter);
  return absl::StrCat("byte ", offset, " (line ", lines + 1, ", column ", column + 1, ")");
}

std::optional<size_t> FindLoneSurrogate(std::string_view json) {
  bool in_string = false;
  for (size_t i = 0; i < json.size(); ++i) {
    if (json[i] == '"') in_string = !in_string;
    if (!in_string || json[i] != '\\') continue;
    const unsigned unit = CodeUnit(json, i).value_or(0);
    if (IsLow(unit)) return i;
    if (IsHigh(unit)) {
      if (!IsLow(CodeUnit(json, i + kEscapeSize).value_or(0))) return i;
      i += kEscapeSize;
    }
    ++i;  // the escaped character, which may be a quote
  }
  return std::nullopt;
}

}  // namespace verdict
