#include "services/classifier/text/added_token_matcher.h"

#include <algorithm>
#include <utility>

#include "services/classifier/text/unicode_data.h"
#include "services/classifier/text/utf8_codec.h"

namespace verdict {
namespace {

bool HasFlag(DecodedChar c, CharFlag flag) { return (PropertiesOf(c.code_point).flags & flag) != 0; }

bool StandsAlone(std::string_view text, size_t start, size_t end) {
  const bool word_before = start > 0 && HasFlag(DecodeLastChar(text.substr(0, start)), kWordCharacter);
  const bool word_behind = end < text.size() && HasFlag(DecodeChar(text.substr(end)), kWordCharacter);
  return !word_before && !word_behind;
}

size_t SkipSpaceBackward(std::string_view text, size_t end, size_t limit) {
  while (end > limit) {
    const DecodedChar last = DecodeLastChar(text.substr(0, end));
    if (!HasFlag(last, kSpace)) break;
    end -= last.length;
  }
  return std::max(end, limit);
}

// Remembers the end of the white space it last walked through, so that many tokens inside it cost one walk.
class SpaceSkipper {
 public:
  explicit SpaceSkipper(std::string_view text) : text_(text) {}

  size_t Forward(size_t start) {
    if (start >= begin_ && start <= end_) return end_;
    begin_ = end_ = start;
    while (end_ < text_.size()) {
      const DecodedChar next = DecodeChar(text_.substr(end_));
      if (!HasFlag(next, kSpace)) break;
      end_ += next.length;
    }
    return end_;
  }

 private:
  std::string_view text_;
  size_t begin_ = 1;
  size_t end_ = 0;
};

std::vector<ByteTrie::Entry> TrieEntries(const std::vector<AddedTokenMatcher::Pattern>& patterns) {
  std::vector<ByteTrie::Entry> entries;
  for (size_t i = 0; i < patterns.size(); ++i) entries.emplace_back(patterns[i].text, static_cast<int32_t>(i));
  return entries;
}

}  // namespace

AddedTokenMatcher::AddedTokenMatcher(std::vector<Pattern> patterns)
    : patterns_(std::move(patterns)), trie_(TrieEntries(patterns_)) {
  if (patterns_.empty()) return;
  only_first_byte_ = patterns_.front().text.front();
  has_only_first_byte_ =
      std::all_of(patterns_.begin(), patterns_.end(), [&](const Pattern& p) { return p.text.front() == only_first_byte_; });
}

size_t AddedTokenMatcher::FindCandidate(std::string_view text, size_t from) const {
  if (has_only_first_byte_) return std::min(text.find(only_first_byte_, from), text.size());
  while (from < text.size() && !trie_.StartsWith(text[from])) ++from;
  return from;
}

void AddedTokenMatcher::Split(std::string_view text, absl::FunctionRef<void(std::string_view)> on_text,
                              absl::FunctionRef<void(int32_t)> on_token) const {
  SpaceSkipper spaces(text);
  size_t text_start = 0;  // of the text not handed out yet
  for (size_t i = FindCandidate(text, 0); i < text.size();) {
    const ByteTrie::Match match = trie_.LongestMatch(text.substr(i));
    if (match.length == 0) {
      i = FindCandidate(text, i + 1);
      continue;
    }
    const Pattern& pattern = patterns_[match.value];
    size_t start = i;
    size_t end = i + match.length;
    i = FindCandidate(text, end);
    if (pattern.ignored || (pattern.single_word && !StandsAlone(text, start, end))) continue;
    if (pattern.lstrip) start = SkipSpaceBackward(text, start, text_start);
    if (pattern.rstrip) end = spaces.Forward(end);
    if (text_start < start) on_text(text.substr(text_start, start - text_start));
    on_token(pattern.id);
    text_start = end;
  }
  if (text_start < text.size()) on_text(text.substr(text_start));
}

}  // namespace verdict
