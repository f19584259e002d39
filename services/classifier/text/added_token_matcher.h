#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "services/classifier/text/byte_trie.h"

namespace verdict {

// A token that is looked for in the text itself, before the words are split.
struct AddedToken {
  std::string content;
  bool single_word = false;  // only between characters that are no word characters
  bool lstrip = false;       // swallows white space before it
  bool rstrip = false;       // swallows white space behind it
  bool normalized = true;    // looked for in the normalised text, in its own normal form
  bool special = false;

  bool operator==(const AddedToken&) const = default;
};

// Finds added tokens in a text: leftmost first, then longest. Immutable, so thread-safe.
class AddedTokenMatcher {
 public:
  struct Pattern {
    std::string text;  // what to look for; not empty
    int32_t id = 0;
    bool single_word = false;
    bool lstrip = false;
    bool rstrip = false;
    bool ignored = false;  // wins over shorter tokens, yet counts as text
  };

  explicit AddedTokenMatcher(std::vector<Pattern> patterns);

  bool empty() const { return patterns_.empty(); }

  // Cuts `text` (well-formed UTF-8) into the text between tokens, for `on_text`, and tokens, for `on_token`, in order. Time:
  // linear in the text, times the longest pattern.
  void Split(std::string_view text, absl::FunctionRef<void(std::string_view)> on_text,
             absl::FunctionRef<void(int32_t)> on_token) const;

 private:
  // Start of the next match at or after `from`, or text.size().
  size_t FindCandidate(std::string_view text, size_t from) const;

  std::vector<Pattern> patterns_;
  ByteTrie trie_;
  char only_first_byte_ = 0;  // set when all patterns start with the same byte
  bool has_only_first_byte_ = false;
};

}  // namespace verdict
