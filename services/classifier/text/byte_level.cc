#include "services/classifier/text/byte_level.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "services/classifier/text/byte_alphabet.h"

namespace verdict {

size_t ContractionLength(std::string_view text) {
  for (const std::string_view contraction : {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"}) {
    if (text.starts_with(contraction)) return contraction.size();
  }
  return 0;
}

void ByteLevelPreTokenizer::Split(TextPiece piece, Sink sink) const {
  std::string prefixed;
  std::string_view text = piece.text;
  if (options_.add_prefix_space && text.front() != ' ') {
    prefixed = absl::StrCat(" ", std::string(text));
    text = prefixed;
  }
  std::string characters;
  for (size_t i = 0; i < text.size();) {
    const size_t length = options_.use_regex ? Gpt2PieceLength(text.substr(i)) : text.size();
    std::string_view part = text.substr(i, length);
    if (!options_.raw_bytes) {
      characters.clear();
      AppendByteCharacters(part, characters);
      part = characters;
    }
    sink({part, piece.at_start && i == 0});
    i += length;
  }
}

std::string ByteLevelPreTokenizer::Describe() const {
  return absl::StrCat("ByteLevel (", options_.add_prefix_space ? "add_prefix_space, " : "",
                      options_.use_regex ? "GPT-2's expression)" : "no expression)");
}

}  // namespace verdict
