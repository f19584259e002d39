#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "services/classifier/text/byte_pair_encoding.h"
#include "services/classifier/text/json_view.h"
#include "services/classifier/text/unigram_model.h"
#include "services/classifier/text/word_model.h"

namespace verdict {

// The model of a tokenizer.json. Errors: kInvalidArgument for what is malformed, kUnimplemented for a kind or a setting that is
// not built here; one line that names the file and the member.

// "BPE", "Unigram", "WordLevel" or "WordPiece", told by the other members where an old file does not name it.
absl::StatusOr<std::string> ReadModelType(const JsonView& document);

struct NamedModel {
  std::unique_ptr<const WordModel> model;
  Vocabulary vocabulary;
};

using PieceReader = std::function<absl::StatusOr<std::vector<std::pair<std::string, double>>>(const JsonView& model)>;

// `byte_level`: the words that reach the model are written in the byte alphabet, or will be raw bytes where the model says so
// (TakesRawBytes). `read_pieces` reads what ReadPieces does, perhaps more exactly.
absl::StatusOr<NamedModel> ReadModel(const JsonView& document, bool byte_level, const PieceReader& read_pieces);

// Whether a model of the file can do without the byte alphabet.
bool TakesRawBytes(const JsonView& document);

// model.merges: ["a b"] or [["a", "b"]].
absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ReadMerges(const JsonView& model);

// model.vocab of a Unigram model: [["piece", score]].
absl::StatusOr<std::vector<std::pair<std::string, double>>> ReadPieces(const JsonView& model);

// The pieces with their ids.
Vocabulary VocabularyOfPieces(const std::vector<std::pair<std::string, double>>& pieces);

}  // namespace verdict
