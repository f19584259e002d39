#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "services/classifier/text/general_pipeline.h"
#include "services/classifier/text/model_json.h"
#include "services/classifier/text/normalizer_json.h"
#include "services/classifier/text/pre_tokenizer_json.h"
#include "services/classifier/text/tokenizer_families.h"
#include "services/classifier/text/tokenizer_json.h"
#include "services/classifier/text/wordpiece_tokenizer.h"

namespace verdict {
namespace {

std::vector<IdentifiedToken> AddedTokens(const TokenizerSource& source, const Vocabulary& vocabulary) {
  AddedVocabulary added(vocabulary);
  std::vector<AddedToken> tokens;
  for (const auto& [token, id] : source.file_tokens) tokens.push_back(token);
  added.Add(tokens);
  added.AddConfigured(source.config);
  return added.tokens();
}

absl::StatusOr<SequenceTemplates> ReadTemplates(const TokenizerSource& source) {
  absl::StatusOr<SequenceTemplates> templates = ReadPostProcessor(source.json());
  if (templates.ok() && !source.config.gives_type_ids.value_or(false)) {
    ClearTypeIds(templates->single);
    ClearTypeIds(templates->pair);
  }
  return templates;
}

BuiltTokenizer BuildWordPiece(const TokenizerSource& source, SequenceTemplates templates) {
  absl::StatusOr<WordPieceModel::Options> model = ReadWordPieceModel(source.json());
  if (!model.ok()) return model.status();
  const absl::StatusOr<BertNormalizer::Options> normalizer = ReadNormalizer(source.json());
  if (!normalizer.ok()) return normalizer.status();
  WordPieceTokenizer::Options options;
  options.added_tokens = AddedTokens(source, model->vocabulary);
  options.model = *std::move(model);
  options.normalizer = *normalizer;
  options.split_special_tokens = source.config.split_special_tokens;
  options.single = std::move(templates.single);
  options.pair = std::move(templates.pair);
  return WordPieceTokenizer::Create(options);
}

BuiltTokenizer BuildGeneral(const TokenizerSource& source, SequenceTemplates templates) {
  absl::StatusOr<Normalizers> normalizers = ReadNormalizers(source.json());
  if (!normalizers.ok()) return normalizers.status();
  absl::StatusOr<PreTokenizerSteps> steps = ReadPreTokenizers(source.json(), TakesRawBytes(source.json()));
  if (!steps.ok()) return steps.status();
  const auto read_pieces = [&](const JsonView& model) { return ReadExactPieces(source, model); };
  absl::StatusOr<NamedModel> model = ReadModel(source.json(), steps->ends_with_byte_level, read_pieces);
  if (!model.ok()) return model.status();
  PipelineTokenizer::Options options;
  options.added_tokens = AddedTokens(source, model->vocabulary);
  options.largest_id = LargestId(model->vocabulary);
  options.pipeline = std::make_unique<GeneralPipeline>(
      GeneralPipeline::Parts{*std::move(normalizers), std::move(steps->steps), std::move(model->model)});
  options.split_special_tokens = source.config.split_special_tokens;
  options.single = std::move(templates.single);
  options.pair = std::move(templates.pair);
  return PipelineTokenizer::Create(std::move(options));
}

}  // namespace

BuiltTokenizer BuildAsWritten(TokenizerSource& source) {
  if (!source.tokenizer_json) {
    return absl::NotFoundError(absl::StrCat((source.directory / "tokenizer.json").string(), ": No such file"));
  }
  absl::StatusOr<SequenceTemplates> templates = ReadTemplates(source);
  if (!templates.ok()) return templates.status();
  BuiltTokenizer tokenizer =
      IsBertPipeline(source.json()) ? BuildWordPiece(source, *std::move(templates)) : BuildGeneral(source, *std::move(templates));
  if (tokenizer.ok() || std::string(tokenizer.status().message()).starts_with("tokenizer.json: ")) return tokenizer;
  return NamingFile("tokenizer.json", std::move(tokenizer));
}

}  // namespace verdict
