#pragma once

#include <string_view>

#include "services/classifier/text/pre_tokenizer.h"
#include "services/classifier/text/unicode_data.h"
#include "services/classifier/text/utf8_codec.h"

namespace verdict {

// Length of "'s", "'t", "'re", "'ve", "'m", "'ll" or "'d" at the start of `text`, or 0.
size_t ContractionLength(std::string_view text);

namespace byte_level_internal {

inline constexpr uint8_t kClasses = kLetter | kNumber | kRegexSpace;

inline uint8_t ClassOf(DecodedChar c) { return PropertiesOf(c.code_point).more_flags & kClasses; }

// End of the run of characters of one class from `i`; `last` is where its last character starts.
inline size_t RunEnd(std::string_view text, size_t i, uint8_t char_class, size_t& last) {
  while (i < text.size()) {
    const DecodedChar c = DecodeChar(text.substr(i));
    if (ClassOf(c) != char_class) break;
    last = i;
    i += static_cast<size_t>(c.length);
  }
  return i;
}

}  // namespace byte_level_internal

// Length of what the regular expression of GPT-2 matches at the start of `text`, which is not empty:
//   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
inline size_t Gpt2PieceLength(std::string_view text) {
  using namespace byte_level_internal;
  if (text[0] == '\'') {
    if (const size_t length = ContractionLength(text)) return length;
  }
  size_t last = 0;
  const size_t skipped = text[0] == ' ' && text.size() > 1 ? 1 : 0;
  const uint8_t char_class = ClassOf(DecodeChar(text.substr(skipped)));
  if (char_class != kRegexSpace) return RunEnd(text, skipped, char_class, last);
  const size_t end = RunEnd(text, 0, kRegexSpace, last);
  return end == text.size() || last == 0 ? end : last;  // the last space before a word goes with the word
}

// Cuts text as GPT-2 does and, unless the model takes raw bytes, writes each byte as the character that stands for it.
class ByteLevelPreTokenizer : public PreTokenizer {
 public:
  struct Options {
    bool add_prefix_space = true;  // a text that does not begin with a space gets one
    bool use_regex = true;         // otherwise the text stays in one piece
    bool raw_bytes = false;
  };

  explicit ByteLevelPreTokenizer(const Options& options) : options_(options) {}

  void Split(TextPiece piece, Sink sink) const override;
  std::string Describe() const override;

 private:
  Options options_;
};

}  // namespace verdict
