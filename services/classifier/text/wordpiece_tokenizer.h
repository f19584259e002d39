#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "services/classifier/text/bert_normalizer.h"
#include "services/classifier/text/pipeline_tokenizer.h"
#include "services/classifier/text/sequence_template.h"
#include "services/classifier/text/wordpiece_model.h"

namespace verdict {

// The tokenizer of BERT and its relatives: the BERT normalizer, words split at white space and punctuation, WordPiece. It does
// what a general pipeline of these parts does, faster. Where its parts come from: load_tokenizer.h.
struct WordPieceTokenizer {
  struct Options {
    WordPieceModel::Options model;
    BertNormalizer::Options normalizer;
    std::vector<IdentifiedToken> added_tokens;
    bool split_special_tokens = false;  // special tokens written in a text are text
    SequenceTemplate single;
    SequenceTemplate pair;
  };

  // Errors: those of PipelineTokenizer, and kInvalidArgument when the unknown token is not in the vocabulary.
  static absl::StatusOr<std::unique_ptr<PipelineTokenizer>> Create(const Options& options);
};

}  // namespace verdict
