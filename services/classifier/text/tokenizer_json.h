#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/classifier/text/bert_normalizer.h"
#include "services/classifier/text/json_view.h"
#include "services/classifier/text/sequence_template.h"
#include "services/classifier/text/wordpiece_tokenizer.h"

namespace verdict {

// The parts of a tokenizer.json, one function each. Errors: kInvalidArgument for what is malformed, kUnimplemented for a part of
// a kind that is not built here; one line that names the file and the member.

// model: WordPiece with its vocabulary.
absl::StatusOr<WordPieceModel::Options> ReadWordPieceModel(const JsonView& document);

// Only model.vocab, for classes that set the rest themselves.
absl::StatusOr<Vocabulary> ReadWordPieceVocabulary(const JsonView& document);

// Whether model, normalizer and pre_tokenizer are those of BERT (a normalizer may be missing).
bool IsBertPipeline(const JsonView& document);

// normalizer: BertNormalizer, or none.
absl::StatusOr<BertNormalizer::Options> ReadNormalizer(const JsonView& document);

// The members of a BertNormalizer.
absl::StatusOr<BertNormalizer::Options> ReadBertNormalizer(const JsonView& normalizer);

struct SequenceTemplates {
  SequenceTemplate single;
  SequenceTemplate pair;
};

// post_processor: TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel (which adds nothing), a Sequence in which at
// most one adds tokens, or none.
absl::StatusOr<SequenceTemplates> ReadPostProcessor(const JsonView& document);

// A vocabulary written as an object of ids.
absl::StatusOr<Vocabulary> ReadVocabularyObject(const JsonView& parent, const std::string& member);
absl::StatusOr<Vocabulary> ReadVocabularyEntries(const JsonView& vocabulary);

// added_tokens in the order of the file, with the ids it names.
absl::StatusOr<std::vector<IdentifiedToken>> ReadAddedTokens(const JsonView& document);

// The properties of an added token; those not mentioned have the defaults of the `tokenizers` package. `special` overrules the
// file.
absl::StatusOr<AddedToken> ReadAddedToken(const JsonView& object, std::optional<bool> special = {});

// truncation.direction in the spelling of tokenizer_config.json, "left" or "right"; absent without a truncation.
absl::StatusOr<std::optional<std::string>> ReadTruncationSide(const JsonView& document);

}  // namespace verdict
