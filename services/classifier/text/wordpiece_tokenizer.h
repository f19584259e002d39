#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/classifier/text/added_token_matcher.h"
#include "services/classifier/text/bert_normalizer.h"
#include "services/classifier/text/sequence_template.h"
#include "services/classifier/text/tokenizer.h"
#include "services/classifier/text/wordpiece_model.h"

namespace verdict {

// The tokenizer of BERT and its relatives: added tokens cut out of the text, the BERT normalizer, words split at white space and
// punctuation, WordPiece, special tokens around. Immutable, so thread-safe. Where its parts come from: load_tokenizer.h.
class WordPieceTokenizer : public Tokenizer {
 public:
  struct IdentifiedToken {
    AddedToken token;
    int32_t id = 0;
  };

  struct Options {
    WordPieceModel::Options model;
    BertNormalizer::Options normalizer;
    std::vector<IdentifiedToken> added_tokens;
    bool split_special_tokens = false;  // special tokens written in a text are text
    SequenceTemplate single;
    SequenceTemplate pair;
  };

  // Errors: kInvalidArgument, naming the part of the options, when the unknown token is not in the vocabulary, an id is negative
  // or larger than kLargestId, a template lacks a text, or nothing is left of an added token once it is normalised.
  static absl::StatusOr<std::unique_ptr<WordPieceTokenizer>> Create(const Options& options);

  // So that vocabulary_size() is an int.
  static constexpr int32_t kLargestId = 0x7FFFFFFE;

  absl::StatusOr<Encoding> Encode(const TextInput& input, int max_tokens, TruncationPolicy policy) const override;
  int vocabulary_size() const override { return vocabulary_size_; }

 private:
  struct Matchers {
    AddedTokenMatcher raw;
    AddedTokenMatcher normalized;
  };

  WordPieceTokenizer(WordPieceModel model, const BertNormalizer& normalizer, Matchers matchers, const Options& options);

  static absl::StatusOr<Matchers> BuildMatchers(const Options& options, const BertNormalizer& normalizer);

  std::vector<int32_t> Tokenize(std::string_view text) const;
  void TokenizeNormalized(std::string_view text, std::vector<int32_t>& ids) const;

  WordPieceModel model_;
  BertNormalizer normalizer_;
  Matchers matchers_;
  SequenceTemplate single_;
  SequenceTemplate pair_;
  int vocabulary_size_ = 0;
};

}  // namespace verdict
