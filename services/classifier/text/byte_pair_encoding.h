#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "services/classifier/text/text_map.h"
#include "services/classifier/text/word_model.h"

namespace verdict {

// Byte-pair encoding: a word starts as its characters, and of all neighbours that have a merge those with the lowest rank are
// joined, the leftmost first, until none is left. Immutable, so thread-safe.
class BytePairEncoding : public WordModel {
 public:
  struct Options {
    Vocabulary vocabulary;
    std::vector<std::pair<std::string, std::string>> merges;  // by rank; of equal merges the last counts
    std::optional<std::string> unk_token;                     // absent: characters without a token vanish
    std::string continuing_subword_prefix;                    // of every character but a word's first
    std::string end_of_word_suffix;                           // of its last
    bool fuse_unk = false;                                    // neighbouring unknown characters are one token
    bool byte_fallback = false;                               // an unknown character becomes tokens like "<0xE2>", one per byte
    bool ignore_merges = false;                               // a word that is a token becomes it at once
    bool raw_bytes = false;                                   // words are bytes, tokens are written in the byte alphabet
  };

  // Errors: kInvalidArgument when a merge joins or makes a token that is not in the vocabulary, or the unknown token is not. Raw
  // bytes go with neither prefix, suffix nor fallback.
  static absl::StatusOr<BytePairEncoding> Create(const Options& options);

  // Time: n log n in the word's bytes.
  void Tokenize(std::string_view word, std::vector<int32_t>& ids) const override;
  std::string Describe() const override;

 private:
  struct Merge {
    uint32_t rank;
    int32_t id;
  };
  class Symbols;
  class ShortWord;
  class LongWord;

  explicit BytePairEncoding(const Options& options);

  absl::Status AddMerges(const Options& options);
  void FindWholeWords(const Options& options);
  void AppendSymbols(std::string_view word, Symbols& symbols) const;
  bool AppendBytes(std::string_view character, Symbols& symbols) const;
  std::optional<int32_t> IdOfCharacter(std::string_view character, bool is_first, bool is_last) const;
  const Merge* FindMerge(int32_t first, int32_t second) const;
  void MergeAll(std::string_view word, std::vector<int32_t>& ids) const;

  TextMap<int32_t> tokens_;                      // by what the model sees: raw bytes or text
  absl::flat_hash_map<uint64_t, Merge> merges_;  // by the ids of a pair
  // Words that are tokens and that merging makes that very token, so that it can be skipped.
  TextMap<int32_t> whole_words_;
  std::array<int32_t, 256> byte_ids_;      // by a character of one byte, or by a raw byte; -1: none
  std::array<int32_t, 256> fallback_ids_;  // "<0x00>" and so on; -1: none
  std::string prefix_;
  std::string suffix_;
  int32_t unk_id_ = -1;  // -1: none
  bool fuse_unk_;
  bool byte_fallback_;
  bool raw_bytes_;
};

}  // namespace verdict
