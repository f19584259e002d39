#pragma once

#include <string>

#include "absl/functional/function_ref.h"
#include "services/classifier/text/pre_tokenizer.h"

namespace verdict {

// What becomes of the stretches that a pattern matches: dropped, pieces of their own, part of the piece before or behind, or one
// piece with their neighbours.
enum class SplitBehavior { kRemoved, kIsolated, kMergedWithPrevious, kMergedWithNext, kContiguous };

// Splits at a pattern that cuts text into stretches from left to right.
class PatternPreTokenizer : public PreTokenizer {
 public:
  struct Stretch {
    size_t length = 0;  // in bytes, at least 1
    bool is_match = false;
  };
  // The stretch at the start of a text that is not empty.
  using Pattern = Stretch (*)(std::string_view text);

  PatternPreTokenizer(Pattern pattern, SplitBehavior behavior, bool invert = false)
      : pattern_(pattern), behavior_(behavior), invert_(invert) {}

  void Split(TextPiece piece, Sink sink) const override;
  std::string Describe() const override;

 private:
  Pattern pattern_;
  SplitBehavior behavior_;
  bool invert_;  // what does not match counts as a match, and the other way round
};

// Splits at a string.
class LiteralPreTokenizer : public PreTokenizer {
 public:
  // `literal` is not empty.
  LiteralPreTokenizer(std::string literal, SplitBehavior behavior, bool invert)
      : literal_(std::move(literal)), behavior_(behavior), invert_(invert) {}

  void Split(TextPiece piece, Sink sink) const override;
  std::string Describe() const override;

 private:
  std::string literal_;
  SplitBehavior behavior_;
  bool invert_;
};

// White space goes, and nothing else separates.
class WhitespaceSplitPreTokenizer : public PreTokenizer {
 public:
  void Split(TextPiece piece, Sink sink) const override;
  std::string Describe() const override;
};

// White space separates and goes, each punctuation character is a piece (the words of BERT).
class BertPreTokenizer : public PreTokenizer {
 public:
  void Split(TextPiece piece, Sink sink) const override;
  std::string Describe() const override;
};

// Patterns. Stretches that do not match are as long as can be.
PatternPreTokenizer::Stretch MatchPunctuation(std::string_view text);  // one character
PatternPreTokenizer::Stretch MatchDigit(std::string_view text);        // one character
PatternPreTokenizer::Stretch MatchWords(std::string_view text);        // \w+|[^\w\s]+
PatternPreTokenizer::Stretch MatchGpt2(std::string_view text);         // the expression of GPT-2
PatternPreTokenizer::Stretch MatchSpaces(std::string_view text);       // \s+
PatternPreTokenizer::Stretch MatchSpace(std::string_view text);        // \s

}  // namespace verdict
