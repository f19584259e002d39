#include "services/classifier/text/unigram_source.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "services/classifier/text/normalizer_json.h"
#include "services/classifier/text/sentencepiece_file.h"

namespace verdict {
namespace {

// The first character map that the normalizer, or a step of its sequence, has.
absl::StatusOr<std::optional<std::string>> FindCharacterMap(const JsonView& document) {
  if (document.Find("normalizer") == nullptr) return std::nullopt;
  const absl::StatusOr<JsonView> normalizer = document.Object("normalizer");
  if (!normalizer.ok()) return normalizer.status();
  std::vector<JsonView> steps = {*normalizer};
  if (normalizer->String("type", "").value_or("") == "Sequence") {
    absl::StatusOr<std::vector<JsonView>> items = normalizer->Objects("normalizers");
    if (!items.ok()) return items.status();
    steps = *std::move(items);
  }
  for (const JsonView& step : steps) {
    if (step.String("type", "").value_or("") != "Precompiled" || step.Find("precompiled_charsmap") == nullptr) continue;
    absl::StatusOr<std::string> map = ReadCharacterMap(step);
    if (!map.ok()) return map.status();
    return *std::move(map);
  }
  return std::nullopt;
}

absl::StatusOr<UnigramSource> ReadFromTokenizerJson(const TokenizerSource& source) {
  const JsonView document = source.json();
  const absl::StatusOr<std::string> type = ReadModelType(document);
  if (!type.ok()) return type.status();
  const absl::StatusOr<JsonView> model = document.Object("model");
  if (*type != "Unigram") return model->Unsupported("type", *type);
  absl::StatusOr<std::vector<std::pair<std::string, double>>> pieces = ReadExactPieces(source, *model);
  if (!pieces.ok()) return pieces.status();
  absl::StatusOr<std::optional<std::string>> map = FindCharacterMap(document);
  if (!map.ok()) return map.status();
  UnigramSource unigram;
  unigram.file = "tokenizer.json";
  unigram.pieces = *std::move(pieces);
  unigram.character_map = *std::move(map);
  return unigram;
}

}  // namespace

absl::StatusOr<UnigramSource> ReadUnigramSource(const TokenizerSource& source, const std::string& sentencepiece_name) {
  if (source.tokenizer_json) return ReadFromTokenizerJson(source);
  absl::StatusOr<SentencePieceFile> file = ReadSentencePieceFile(source.directory / sentencepiece_name);
  if (absl::IsNotFound(file.status())) {
    return absl::NotFoundError(absl::StrCat(source.directory.string(), ": has neither tokenizer.json nor ", sentencepiece_name));
  }
  if (!file.ok()) return file.status();
  if (file->model_type != 1) {
    return absl::UnimplementedError(absl::StrCat(sentencepiece_name, ": trainer_spec.model_type: only unigram is supported"));
  }
  UnigramSource unigram;
  unigram.file = sentencepiece_name;
  unigram.is_sentencepiece = true;
  unigram.unk_id = file->unk_id;
  if (!file->character_map.empty()) unigram.character_map = std::move(file->character_map);
  for (SentencePieceFile::Piece& piece : file->pieces) {
    const bool control = piece.type == SentencePieceFile::Type::kControl;
    if (control || piece.type == SentencePieceFile::Type::kUserDefined) {
      unigram.extra_tokens.push_back({.content = piece.text, .normalized = false, .special = control});
    }
    unigram.pieces.emplace_back(std::move(piece.text), piece.score);
  }
  return unigram;
}

}  // namespace verdict
