#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "services/classifier/text/byte_trie.h"
#include "services/classifier/text/whole_words.h"
#include "services/classifier/text/word_model.h"

namespace verdict {

// The unigram model of SentencePiece: of all ways to cut a word into pieces the one with the highest sum of scores (Viterbi). A
// character without a piece costs ten more than the worst piece; neighbouring unknown characters are one token. Thread-safe.
class UnigramModel : public WordModel {
 public:
  struct Options {
    std::vector<std::pair<std::string, double>> pieces;  // by id; of equal pieces the last counts
    int64_t unk_id = 0;
    bool byte_fallback = false;  // unknown text becomes tokens like "<0xE2>", one per byte, when all of them exist
  };

  // Errors: kInvalidArgument when there is no piece, unk_id is not among them, or a score is no number.
  static absl::StatusOr<UnigramModel> Create(const Options& options);

  // Time: linear in the word's bytes, times the longest piece's.
  void Tokenize(std::string_view word, std::vector<int32_t>& ids) const override;
  std::string Describe() const override;

 private:
  struct Node;

  UnigramModel() = default;

  bool IsWhole(std::string_view word, int32_t id) const;
  void Search(std::string_view word, std::vector<int32_t>& ids) const;
  void AppendUnknown(std::string_view text, std::vector<int32_t>& reversed) const;

  ByteTrie trie_;
  std::vector<double> scores_;
  WholeWords whole_words_;         // by id: searching a word that is this piece gives the piece
  std::vector<int32_t> byte_ids_;  // empty without fallback
  double unk_score_ = 0;
  int32_t unk_id_ = 0;
};

}  // namespace verdict
