#include "services/classifier/text/model_json.h"

#include <limits>
#include <optional>

#include "absl/strings/str_cat.h"
#include "boost/json/array.hpp"
#include "services/classifier/text/pipeline_tokenizer.h"
#include "services/classifier/text/tokenizer_json.h"
#include "services/classifier/text/word_level_model.h"
#include "services/classifier/text/wordpiece_model.h"

namespace verdict {
namespace {

using Merge = std::pair<std::string, std::string>;

std::string_view Text(const boost::json::value& value) { return {value.get_string().data(), value.get_string().size()}; }

std::optional<Merge> ParseMerge(const boost::json::value& value) {
  if (value.is_array() && value.get_array().size() == 2 && value.get_array()[0].is_string() && value.get_array()[1].is_string()) {
    return Merge(Text(value.get_array()[0]), Text(value.get_array()[1]));
  }
  if (!value.is_string()) return std::nullopt;
  const std::string_view text = Text(value);
  const size_t space = text.find(' ');
  if (space == text.npos || text.find(' ', space + 1) != text.npos) return std::nullopt;
  return Merge(text.substr(0, space), text.substr(space + 1));
}

// Randomness of training; 0 and null mean none.
absl::Status CheckDropout(const JsonView& model) {
  const boost::json::value* dropout = model.Find("dropout");
  if (dropout == nullptr || (dropout->is_double() && dropout->get_double() == 0) ||
      (dropout->is_int64() && dropout->get_int64() == 0)) {
    return absl::OkStatus();
  }
  return model.Unsupported("dropout", "anything but null");
}

absl::StatusOr<BytePairEncoding::Options> ReadBpeSettings(const JsonView& model) {
  const absl::StatusOr<std::string> unk = model.String("unk_token", "");
  absl::StatusOr<std::string> prefix = model.String("continuing_subword_prefix", "");
  absl::StatusOr<std::string> suffix = model.String("end_of_word_suffix", "");
  const absl::StatusOr<bool> fuse = model.Boolean("fuse_unk", false);
  const absl::StatusOr<bool> fallback = model.Boolean("byte_fallback", false);
  const absl::StatusOr<bool> ignore = model.Boolean("ignore_merges", false);
  for (const absl::Status& status :
       {unk.status(), prefix.status(), suffix.status(), fuse.status(), fallback.status(), ignore.status(), CheckDropout(model)}) {
    if (!status.ok()) return status;
  }
  BytePairEncoding::Options options;
  if (model.Find("unk_token") != nullptr) options.unk_token = *unk;
  options.continuing_subword_prefix = *std::move(prefix);
  options.end_of_word_suffix = *std::move(suffix);
  options.fuse_unk = *fuse;
  options.byte_fallback = *fallback;
  options.ignore_merges = *ignore;
  return options;
}

absl::StatusOr<NamedModel> ReadBpe(const JsonView& model, bool raw_bytes) {
  absl::StatusOr<BytePairEncoding::Options> options = ReadBpeSettings(model);
  if (!options.ok()) return options.status();
  absl::StatusOr<Vocabulary> vocabulary = ReadVocabularyObject(model, "vocab");
  if (!vocabulary.ok()) return vocabulary.status();
  absl::StatusOr<std::vector<Merge>> merges = ReadMerges(model);
  if (!merges.ok()) return merges.status();
  options->vocabulary = *std::move(vocabulary);
  options->merges = *std::move(merges);
  options->raw_bytes = raw_bytes;
  absl::StatusOr<BytePairEncoding> bpe = BytePairEncoding::Create(*options);
  if (!bpe.ok()) return model.Error("", std::string(bpe.status().message()));
  return NamedModel{std::make_unique<BytePairEncoding>(*std::move(bpe)), std::move(options->vocabulary)};
}

absl::StatusOr<NamedModel> ReadUnigram(const JsonView& model, const PieceReader& read_pieces) {
  const absl::StatusOr<std::vector<std::pair<std::string, double>>> pieces = read_pieces(model);
  const absl::StatusOr<int64_t> unk_id = model.Integer("unk_id", 0, PipelineTokenizer::kLargestId);
  const absl::StatusOr<bool> fallback = model.Boolean("byte_fallback", false);
  for (const absl::Status& status : {pieces.status(), unk_id.status(), fallback.status()}) {
    if (!status.ok()) return status;
  }
  absl::StatusOr<UnigramModel> unigram = UnigramModel::Create({*pieces, *unk_id, *fallback});
  if (!unigram.ok()) return model.Error("", std::string(unigram.status().message()));
  return NamedModel{std::make_unique<UnigramModel>(*std::move(unigram)), VocabularyOfPieces(*pieces)};
}

absl::StatusOr<NamedModel> ReadWordLevel(const JsonView& model) {
  absl::StatusOr<Vocabulary> vocabulary = ReadVocabularyObject(model, "vocab");
  if (!vocabulary.ok()) return vocabulary.status();
  const absl::StatusOr<std::string> unk = model.String("unk_token");
  if (!unk.ok()) return unk.status();
  for (const auto& [token, id] : *vocabulary) {
    if (token == *unk) return NamedModel{std::make_unique<WordLevelModel>(*vocabulary, id), *vocabulary};
  }
  return model.Error("unk_token", absl::StrCat(Quoted(*unk), " is not in the vocabulary"));
}

absl::StatusOr<NamedModel> ReadWordPiece(const JsonView& document) {
  absl::StatusOr<WordPieceModel::Options> options = ReadWordPieceModel(document);
  if (!options.ok()) return options.status();
  absl::StatusOr<WordPieceModel> model = WordPieceModel::Create(*options);
  if (!model.ok()) return document.Error("model", std::string(model.status().message()));
  return NamedModel{std::make_unique<WordPieceModel>(*std::move(model)), std::move(options->vocabulary)};
}

}  // namespace

absl::StatusOr<std::string> ReadModelType(const JsonView& document) {
  const absl::StatusOr<JsonView> model = document.Object("model");
  if (!model.ok()) return model.status();
  const boost::json::value* vocabulary = model->Find("vocab");
  const bool has_scores = vocabulary != nullptr && vocabulary->is_array();
  return model->String("type", model->Find("merges") != nullptr ? "BPE" : has_scores ? "Unigram" : "WordPiece");
}

bool TakesRawBytes(const JsonView& document) {
  const absl::StatusOr<std::string> type = ReadModelType(document);
  if (!type.ok() || *type != "BPE") return false;
  const absl::StatusOr<BytePairEncoding::Options> settings = ReadBpeSettings(*document.Object("model"));
  return settings.ok() && settings->continuing_subword_prefix.empty() && settings->end_of_word_suffix.empty() &&
         !settings->byte_fallback;
}

absl::StatusOr<NamedModel> ReadModel(const JsonView& document, bool byte_level, const PieceReader& read_pieces) {
  const absl::StatusOr<std::string> type = ReadModelType(document);
  if (!type.ok()) return type.status();
  const absl::StatusOr<JsonView> model = document.Object("model");
  if (*type == "BPE") return ReadBpe(*model, byte_level && TakesRawBytes(document));
  if (*type == "Unigram") return ReadUnigram(*model, read_pieces);
  if (*type == "WordLevel") return ReadWordLevel(*model);
  if (*type == "WordPiece") return ReadWordPiece(document);
  return model->Unsupported("type", *type);
}

absl::StatusOr<std::vector<Merge>> ReadMerges(const JsonView& model) {
  const boost::json::value* list = model.Find("merges");
  if (list == nullptr || !list->is_array()) return model.Error("merges", "expected an array");
  std::vector<Merge> merges;
  merges.reserve(list->get_array().size());
  for (const boost::json::value& item : list->get_array()) {
    std::optional<Merge> merge = ParseMerge(item);
    if (!merge) return model.Error(absl::StrCat("merges[", merges.size(), "]"), "expected two tokens");
    merges.push_back(*std::move(merge));
  }
  return merges;
}

absl::StatusOr<std::vector<std::pair<std::string, double>>> ReadPieces(const JsonView& model) {
  const boost::json::value* list = model.Find("vocab");
  if (list == nullptr || !list->is_array()) return model.Error("vocab", "expected an array");
  std::vector<std::pair<std::string, double>> pieces;
  pieces.reserve(list->get_array().size());
  for (const boost::json::value& item : list->get_array()) {
    const bool is_piece =
        item.is_array() && item.get_array().size() == 2 && item.get_array()[0].is_string() && item.get_array()[1].is_number();
    if (!is_piece) return model.Error(absl::StrCat("vocab[", pieces.size(), "]"), "expected a piece and its score");
    pieces.emplace_back(Text(item.get_array()[0]), item.get_array()[1].to_number<double>());
  }
  return pieces;
}

Vocabulary VocabularyOfPieces(const std::vector<std::pair<std::string, double>>& pieces) {
  Vocabulary vocabulary;
  vocabulary.reserve(pieces.size());
  for (const auto& [piece, score] : pieces) vocabulary.emplace_back(piece, static_cast<int32_t>(vocabulary.size()));
  return vocabulary;
}

}  // namespace verdict
