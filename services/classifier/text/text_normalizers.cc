#include "services/classifier/text/text_normalizers.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "services/classifier/text/byte_alphabet.h"
#include "services/classifier/text/json_view.h"
#include "services/classifier/text/unicode_data.h"
#include "services/classifier/text/utf8_codec.h"

namespace verdict {
namespace {

bool IsSpace(DecodedChar c) { return (PropertiesOf(c.code_point).flags & kSpace) != 0; }

}  // namespace

void StripNormalizer::Normalize(std::string_view text, std::string& out) const {
  while (left_ && !text.empty()) {
    const DecodedChar first = DecodeChar(text);
    if (!IsSpace(first)) break;
    text.remove_prefix(static_cast<size_t>(first.length));
  }
  while (right_ && !text.empty()) {
    const DecodedChar last = DecodeLastChar(text);
    if (!IsSpace(last)) break;
    text.remove_suffix(static_cast<size_t>(last.length));
  }
  out.assign(text);
}

void PrependNormalizer::Normalize(std::string_view text, std::string& out) const {
  out.clear();
  if (text.empty()) return;
  out.append(prefix_).append(text);
}

void ReplaceNormalizer::Normalize(std::string_view text, std::string& out) const {
  out.clear();
  out.reserve(text.size() + 8);
  size_t start = 0;
  for (size_t found; (found = text.find(pattern_, start)) != text.npos; start = found + pattern_.size()) {
    out.append(text.substr(start, found - start)).append(content_);
  }
  out.append(text.substr(start));
}

void SpaceRunNormalizer::Normalize(std::string_view text, std::string& out) const {
  const bool only_spaces = run_ == Run::kTwoSpaces || run_ == Run::kSpaces;
  const auto space_length = [&](size_t i) -> size_t {
    if (only_spaces) return text[i] == ' ' ? 1 : 0;
    const DecodedChar c = DecodeChar(text.substr(i));
    return PropertiesOf(c.code_point).more_flags & kRegexSpace ? static_cast<size_t>(c.length) : 0;
  };
  out.clear();
  out.reserve(text.size() + 8);
  for (size_t i = 0; i < text.size();) {
    size_t end = i;
    size_t count = 0;
    for (size_t length; end < text.size() && (length = space_length(end)) > 0; end += length) ++count;
    if (count == 0) {
      const size_t length = static_cast<size_t>(DecodeChar(text.substr(i)).length);
      out.append(text.substr(i, length));
      i += length;
      continue;
    }
    const bool line_break = run_ == Run::kTwoOrLineBreak && (text[i] == '\n' || text[i] == '\r' || text[i] == '\t');
    const bool one_is_enough = run_ == Run::kSpaces || run_ == Run::kWhiteSpace;
    out.append(count >= 2 || one_is_enough || line_break ? std::string_view(content_) : text.substr(i, end - i));
    i = end;
  }
}

void ByteLevelNormalizer::Normalize(std::string_view text, std::string& out) const {
  out.clear();
  AppendByteCharacters(text, out);
}

std::string StripNormalizer::Describe() const {
  if (left_ && right_) return "Strip";
  return left_ ? "Strip left" : right_ ? "Strip right" : "Strip nothing";
}

std::string PrependNormalizer::Describe() const { return absl::StrCat("Prepend ", Quoted(prefix_)); }

std::string ReplaceNormalizer::Describe() const { return absl::StrCat("Replace ", Quoted(pattern_), " by ", Quoted(content_)); }

std::string SpaceRunNormalizer::Describe() const {
  constexpr std::array<const char*, 4> kExpressions = {" {2,}", " +", "\\s+", "\\s{2,}|[\\n\\r\\t]"};
  return absl::StrCat("Replace /", kExpressions[static_cast<size_t>(run_)], "/ by ", Quoted(content_));
}

std::string ByteLevelNormalizer::Describe() const { return "ByteLevel"; }

}  // namespace verdict
