#include "services/classifier/text/split_pre_tokenizers.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/classifier/text/bert_pre_tokenizer.h"
#include "services/classifier/text/byte_level.h"
#include "services/classifier/text/json_view.h"
#include "services/classifier/text/unicode_data.h"
#include "services/classifier/text/utf8_codec.h"

namespace verdict {
namespace {

using Stretch = PatternPreTokenizer::Stretch;
using NextStretch = absl::FunctionRef<Stretch(std::string_view)>;

struct Span {
  size_t begin;
  size_t end;
  bool is_match;
};

// Joins spans with the neighbour they belong to; those that are to be dropped stay matches.
std::vector<Span> Merge(const std::vector<Span>& spans, SplitBehavior behavior) {
  std::vector<Span> merged;
  bool previous_match = false;
  for (const Span& span : spans) {
    bool joins = false;
    if (behavior == SplitBehavior::kMergedWithPrevious) joins = span.is_match && !previous_match;
    if (behavior == SplitBehavior::kContiguous) joins = span.is_match == previous_match;
    // In reading order: a text joins the match before it.
    if (behavior == SplitBehavior::kMergedWithNext) joins = !span.is_match && previous_match;
    previous_match = span.is_match;
    if (joins && !merged.empty()) {
      merged.back().end = span.end;
    } else {
      merged.push_back(span);
    }
  }
  return merged;
}

void SplitAt(TextPiece piece, NextStretch next, SplitBehavior behavior, bool invert, PreTokenizer::Sink sink) {
  std::vector<Span> spans;
  for (size_t i = 0; i < piece.text.size();) {
    const Stretch stretch = next(piece.text.substr(i));
    spans.push_back({i, i + stretch.length, stretch.is_match != invert});
    i += stretch.length;
  }
  const bool merges = behavior != SplitBehavior::kRemoved && behavior != SplitBehavior::kIsolated;
  if (merges) spans = Merge(spans, behavior);
  for (const Span& span : spans) {
    if (behavior == SplitBehavior::kRemoved && span.is_match) continue;
    sink({piece.text.substr(span.begin, span.end - span.begin), piece.at_start && span.begin == 0});
  }
}

// A character with a property is a match of its own.
template <typename HasProperty>
Stretch MatchCharacter(std::string_view text, HasProperty has_property) {
  size_t length = 0;
  while (length < text.size()) {
    const DecodedChar c = DecodeChar(text.substr(length));
    if (has_property(PropertiesOf(c.code_point)))
      return length > 0 ? Stretch{length, false} : Stretch{static_cast<size_t>(c.length), true};
    length += static_cast<size_t>(c.length);
  }
  return {length, false};
}

// The run of characters for which `class_of` gives what it gives for the first.
template <typename ClassOf>
size_t RunLength(std::string_view text, ClassOf class_of) {
  const auto first = class_of(PropertiesOf(DecodeChar(text).code_point));
  size_t length = 0;
  while (length < text.size()) {
    const DecodedChar c = DecodeChar(text.substr(length));
    if (class_of(PropertiesOf(c.code_point)) != first) break;
    length += static_cast<size_t>(c.length);
  }
  return length;
}

bool IsRegexSpace(const CharProperties& c) { return (c.more_flags & kRegexSpace) != 0; }

std::string WithBehavior(const std::string& pattern, SplitBehavior behavior, bool invert) {
  constexpr std::array<const char*, 5> kNames = {"Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"};
  return absl::StrCat(pattern, " (", kNames[static_cast<size_t>(behavior)], invert ? ", inverted)" : ")");
}

}  // namespace

void PatternPreTokenizer::Split(TextPiece piece, Sink sink) const { SplitAt(piece, pattern_, behavior_, invert_, sink); }

void LiteralPreTokenizer::Split(TextPiece piece, Sink sink) const {
  const auto next = [&](std::string_view text) {
    const size_t found = std::min(text.find(literal_), text.size());
    return found == 0 ? Stretch{literal_.size(), true} : Stretch{found, false};
  };
  SplitAt(piece, next, behavior_, invert_, sink);
}

void WhitespaceSplitPreTokenizer::Split(TextPiece piece, Sink sink) const {
  const std::string_view text = piece.text;
  size_t word_start = 0;
  for (size_t i = 0; i < text.size();) {
    const DecodedChar c = DecodeChar(text.substr(i));
    const size_t next = i + static_cast<size_t>(c.length);
    if (PropertiesOf(c.code_point).flags & kSpace) {
      if (i > word_start) sink({text.substr(word_start, i - word_start), piece.at_start && word_start == 0});
      word_start = next;
    }
    i = next;
  }
  if (text.size() > word_start) sink({text.substr(word_start), piece.at_start && word_start == 0});
}

void BertPreTokenizer::Split(TextPiece piece, Sink sink) const {
  SplitBertWords(piece.text, [&](std::string_view word) { sink({word, piece.at_start && word.data() == piece.text.data()}); });
}

Stretch MatchPunctuation(std::string_view text) {
  return MatchCharacter(text, [](const CharProperties& c) { return (c.flags & kPunctuation) != 0; });
}

Stretch MatchDigit(std::string_view text) {
  return MatchCharacter(text, [](const CharProperties& c) { return (c.more_flags & kNumeric) != 0; });
}

Stretch MatchWords(std::string_view text) {
  enum Class { kWord, kBlank, kOther };
  const auto class_of = [](const CharProperties& c) {
    if (c.flags & kRegexWord) return kWord;
    return IsRegexSpace(c) ? kBlank : kOther;
  };
  return {RunLength(text, class_of), class_of(PropertiesOf(DecodeChar(text).code_point)) != kBlank};
}

Stretch MatchGpt2(std::string_view text) { return {Gpt2PieceLength(text), true}; }

Stretch MatchSpaces(std::string_view text) {
  return {RunLength(text, IsRegexSpace), IsRegexSpace(PropertiesOf(DecodeChar(text).code_point))};
}

Stretch MatchSpace(std::string_view text) { return MatchCharacter(text, IsRegexSpace); }

std::string PatternPreTokenizer::Describe() const {
  constexpr std::pair<Pattern, const char*> kNames[] = {
      {MatchPunctuation, "Punctuation"},          {MatchDigit, "Digits"},        {MatchWords, "Split /\\w+|[^\\w\\s]+/"},
      {MatchGpt2, "Split by GPT-2's expression"}, {MatchSpaces, "Split /\\s+/"}, {MatchSpace, "Split /\\s/"}};
  const auto* const name =
      std::find_if(std::begin(kNames), std::end(kNames), [&](const auto& entry) { return entry.first == pattern_; });
  return WithBehavior(name == std::end(kNames) ? "Split" : name->second, behavior_, invert_);
}

std::string LiteralPreTokenizer::Describe() const {
  return WithBehavior(absl::StrCat("Split ", Quoted(literal_)), behavior_, invert_);
}

std::string WhitespaceSplitPreTokenizer::Describe() const { return "WhitespaceSplit"; }

std::string BertPreTokenizer::Describe() const { return "BertPreTokenizer"; }

}  // namespace verdict
