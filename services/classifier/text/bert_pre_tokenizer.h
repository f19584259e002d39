#pragma once

#include <string_view>

#include "services/classifier/text/unicode_data.h"
#include "services/classifier/text/utf8_codec.h"

namespace verdict {

// Splits normalised text into the words of BERT: white space separates them, and each punctuation character is a word of its own.
// Calls `on_word` with each word in order; the views point into `text`, which is well-formed UTF-8. Any thread.
template <typename OnWord>
void SplitBertWords(std::string_view text, OnWord on_word) {
  size_t word_start = 0;
  for (size_t i = 0; i < text.size();) {
    const DecodedChar decoded = DecodeChar(text.substr(i));
    const uint8_t flags = PropertiesOf(decoded.code_point).flags & (kSpace | kPunctuation);
    const size_t next = i + decoded.length;
    if (flags != 0) {
      if (i > word_start) on_word(text.substr(word_start, i - word_start));
      if (flags & kPunctuation) on_word(text.substr(i, decoded.length));
      word_start = next;
    }
    i = next;
  }
  if (text.size() > word_start) on_word(text.substr(word_start));
}

}  // namespace verdict
