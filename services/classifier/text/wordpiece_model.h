#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/classifier/text/byte_trie.h"
#include "services/classifier/text/word_model.h"

namespace verdict {

// The WordPiece model: a word becomes the longest token it starts with, then the longest continuation, and so on; a word that is
// too long or does not work out becomes the unknown token. Immutable, so thread-safe.
class WordPieceModel : public WordModel {
 public:
  struct Options {
    Vocabulary vocabulary;
    std::string unk_token = "[UNK]";
    std::string continuing_subword_prefix = "##";
    int64_t max_input_chars_per_word = 100;
  };

  // Errors: kInvalidArgument when the unknown token is not in the vocabulary.
  static absl::StatusOr<WordPieceModel> Create(const Options& options);

  // Appends the ids of `word`, which is not empty and well-formed UTF-8. Time: linear in the word's bytes, times the longest
  // token's for a word of at most max_input_chars_per_word characters.
  void Tokenize(std::string_view word, std::vector<int32_t>& ids) const override;
  std::string Describe() const override;

 private:
  WordPieceModel() = default;
  bool IsTooLong(std::string_view word) const;

  ByteTrie beginnings_;
  ByteTrie continuations_;
  int32_t unk_id_ = 0;
  size_t max_chars_ = 0;
};

}  // namespace verdict
