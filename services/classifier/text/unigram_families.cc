#include <algorithm>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "services/classifier/text/general_pipeline.h"
#include "services/classifier/text/metaspace.h"
#include "services/classifier/text/precompiled_normalizer.h"
#include "services/classifier/text/split_pre_tokenizers.h"
#include "services/classifier/text/text_normalizers.h"
#include "services/classifier/text/tokenizer_families.h"
#include "services/classifier/text/tokenizer_json.h"
#include "services/classifier/text/unicode_normalizer.h"
#include "services/classifier/text/unigram_source.h"

namespace verdict {
namespace {

using Prepend = MetaspacePreTokenizer::Prepend;
using Form = UnicodeNormalizer::Form;

void AddMetaspace(Prepend prepend, PreTokenizers& steps) {
  MetaspacePreTokenizer::Options options;
  options.prepend = prepend;
  steps.push_back(std::make_unique<MetaspacePreTokenizer>(std::move(options)));
}

// White space separates words, and each begins with the visible space unless the configuration says otherwise.
PreTokenizers WordsWithMetaspace(const TokenizerConfig& config) {
  PreTokenizers steps;
  steps.push_back(std::make_unique<WhitespaceSplitPreTokenizer>());
  AddMetaspace(config.add_prefix_space.value_or(true) ? Prepend::kAlways : Prepend::kNever, steps);
  return steps;
}

absl::Status AddCharacterMap(const UnigramSource& unigram, Normalizers& steps) {
  if (!unigram.character_map) return absl::OkStatus();
  absl::StatusOr<PrecompiledNormalizer> map = PrecompiledNormalizer::Create(*unigram.character_map);
  if (!map.ok()) return absl::InvalidArgumentError(absl::StrCat(unigram.file, ": ", map.status().message()));
  steps.push_back(std::make_unique<PrecompiledNormalizer>(*std::move(map)));
  return absl::OkStatus();
}

struct FamilyParts {
  Normalizers normalizers;
  PreTokenizers pre_tokenizers;
  int64_t unk_id = 0;
  const char* first_role = "cls_token";  // of the token before a text
  const char* last_role = "sep_token";   // of the token behind it
  bool is_bert_pair = false;             // a pair as BERT's, otherwise as RoBERTa's
  bool gives_type_ids = false;
  std::optional<SequenceTemplates> templates;  // instead of those
};

absl::StatusOr<SequenceTemplates> MakeTemplates(const FamilyParts& parts, const FamilyTokens& tokens) {
  if (parts.templates) return *parts.templates;
  const absl::StatusOr<int32_t> first = tokens.IdOfRole(parts.first_role);
  const absl::StatusOr<int32_t> last = tokens.IdOfRole(parts.last_role);
  if (!first.ok()) return first.status();
  if (!last.ok()) return last.status();
  return SequenceTemplates{BertSingleTemplate(*first, *last),
                           parts.is_bert_pair ? BertPairTemplate(*first, *last) : RobertaPairTemplate(*first, *last)};
}

BuiltTokenizer Build(const TokenizerSource& source, const UnigramSource& unigram, FamilyParts parts) {
  const Vocabulary vocabulary = VocabularyOfPieces(unigram.pieces);
  const FamilyTokens tokens(vocabulary, source.config, unigram.file);
  absl::StatusOr<SequenceTemplates> templates = MakeTemplates(parts, tokens);
  if (!templates.ok()) return templates.status();
  absl::StatusOr<UnigramModel> model = UnigramModel::Create({unigram.pieces, parts.unk_id, false});
  if (!model.ok()) return absl::InvalidArgumentError(absl::StrCat(unigram.file, ": ", model.status().message()));
  if (!source.config.gives_type_ids.value_or(parts.gives_type_ids)) {
    ClearTypeIds(templates->single);
    ClearTypeIds(templates->pair);
  }
  PipelineTokenizer::Options options;
  options.pipeline = std::make_unique<GeneralPipeline>(GeneralPipeline::Parts{
      std::move(parts.normalizers), std::move(parts.pre_tokenizers), std::make_unique<UnigramModel>(*std::move(model))});
  options.largest_id = LargestId(vocabulary);
  options.added_tokens = tokens.tokens();
  options.split_special_tokens = source.config.split_special_tokens;
  options.single = std::move(templates->single);
  options.pair = std::move(templates->pair);
  return NamingFile(unigram.file, PipelineTokenizer::Create(std::move(options)));
}

// The control and user-defined pieces of a SentencePiece file are extra tokens unless the configuration names others.
void AddExtraTokens(const std::vector<AddedToken>& extra, TokenizerConfig& config) {
  if (!config.names_extra_tokens) config.extra_special_tokens = extra;
}

absl::Status SetRobertaRoles(TokenizerConfig& config) {
  return SetDefaultRoles(config,
                         {{"bos_token", "<s>"},
                          {"eos_token", "</s>"},
                          {"sep_token", "</s>"},
                          {"cls_token", "<s>"},
                          {"unk_token", "<unk>"},
                          {"pad_token", "<pad>"},
                          {"mask_token", "<mask>"}},
                         {"bos_token", "eos_token", "unk_token", "pad_token", "mask_token"});
}

std::string Content(const TokenizerConfig& config, const char* role) { return config.roles.at(role)->content; }

// A SentencePiece file begins with pieces whose places other tokens take.
void ReplaceFirstPieces(std::vector<std::pair<std::string, double>> instead, size_t count, UnigramSource& unigram) {
  const auto begin = unigram.pieces.begin() + static_cast<ptrdiff_t>(std::min(count, unigram.pieces.size()));
  instead.insert(instead.end(), std::make_move_iterator(begin), std::make_move_iterator(unigram.pieces.end()));
  unigram.pieces = std::move(instead);
}

}  // namespace

BuiltTokenizer BuildXlmRoberta(TokenizerSource& source) {
  TokenizerConfig& config = source.config;
  if (absl::Status status = SetRobertaRoles(config); !status.ok()) return status;
  absl::StatusOr<UnigramSource> unigram = ReadUnigramSource(source, "sentencepiece.bpe.model");
  if (!unigram.ok()) return unigram.status();
  if (unigram->is_sentencepiece) {
    ReplaceFirstPieces({{Content(config, "bos_token"), 0.0},
                        {Content(config, "pad_token"), 0.0},
                        {Content(config, "eos_token"), 0.0},
                        {Content(config, "unk_token"), 0.0}},
                       3, *unigram);
    unigram->pieces.emplace_back(Content(config, "mask_token"), 0.0);
  }
  AddExtraTokens(unigram->extra_tokens, config);
  FamilyParts parts;
  if (absl::Status status = AddCharacterMap(*unigram, parts.normalizers); !status.ok()) return status;
  parts.pre_tokenizers = WordsWithMetaspace(config);
  parts.unk_id = 3;
  parts.first_role = "bos_token";
  parts.last_role = "eos_token";
  return Build(source, *unigram, std::move(parts));
}

BuiltTokenizer BuildCamembert(TokenizerSource& source) {
  TokenizerConfig& config = source.config;
  if (absl::Status status = SetRobertaRoles(config); !status.ok()) return status;
  if (config.string_roles.contains("mask_token")) config.roles["mask_token"]->lstrip = true;
  absl::StatusOr<UnigramSource> unigram = ReadUnigramSource(source, "sentencepiece.bpe.model");
  if (!unigram.ok()) return unigram.status();
  if (unigram->is_sentencepiece) {
    ReplaceFirstPieces({{"<s>NOTUSED", 0.0},
                        {Content(config, "pad_token"), 0.0},
                        {"</s>NOTUSED", 0.0},
                        {Content(config, "unk_token"), 0.0},
                        {"<unk>NOTUSED", -100.0}},
                       1, *unigram);
    unigram->pieces.emplace_back(Content(config, "mask_token"), 0.0);
  } else {
    for (const char* content : {"<s>NOTUSED", "</s>NOTUSED", "<unk>NOTUSED"}) {
      unigram->extra_tokens.push_back({.content = content, .normalized = false, .special = true});
    }
  }
  AddExtraTokens(unigram->extra_tokens, config);
  FamilyParts parts;
  if (absl::Status status = AddCharacterMap(*unigram, parts.normalizers); !status.ok()) return status;
  parts.pre_tokenizers = WordsWithMetaspace(config);
  const std::string unk = Content(config, "unk_token");
  const auto found = std::find_if(unigram->pieces.begin(), unigram->pieces.end(), [&](const auto& p) { return p.first == unk; });
  parts.unk_id = found == unigram->pieces.end() ? 0 : found - unigram->pieces.begin();
  parts.first_role = "bos_token";
  parts.last_role = "eos_token";
  return Build(source, *unigram, std::move(parts));
}

BuiltTokenizer BuildAlbert(TokenizerSource& source) {
  TokenizerConfig& config = source.config;
  const absl::Status roles = SetDefaultRoles(config,
                                             {{"bos_token", "[CLS]"},
                                              {"eos_token", "[SEP]"},
                                              {"unk_token", "<unk>"},
                                              {"sep_token", "[SEP]"},
                                              {"pad_token", "<pad>"},
                                              {"cls_token", "[CLS]"},
                                              {"mask_token", "[MASK]"}},
                                             {"sep_token", "cls_token"});
  if (!roles.ok()) return roles;
  const absl::StatusOr<UnigramSource> unigram = ReadUnigramSource(source, "spiece.model");
  if (!unigram.ok()) return unigram.status();
  AddExtraTokens(unigram->extra_tokens, config);
  FamilyParts parts;
  parts.normalizers.push_back(std::make_unique<ReplaceNormalizer>("``", "\""));
  parts.normalizers.push_back(std::make_unique<ReplaceNormalizer>("''", "\""));
  if (!config.keep_accents) {
    parts.normalizers.push_back(std::make_unique<UnicodeNormalizer>(Form::kNfkd));
    parts.normalizers.push_back(std::make_unique<StripAccentsNormalizer>());
  }
  if (config.do_lower_case.value_or(true)) parts.normalizers.push_back(std::make_unique<LowercaseNormalizer>());
  if (absl::Status status = AddCharacterMap(*unigram, parts.normalizers); !status.ok()) return status;
  parts.pre_tokenizers = WordsWithMetaspace(config);
  parts.unk_id = 1;
  parts.is_bert_pair = true;
  // The only family whose template gives way to that of tokenizer.json.
  if (source.tokenizer_json && source.json().Find("post_processor") != nullptr) {
    absl::StatusOr<SequenceTemplates> templates = ReadPostProcessor(source.json());
    if (!templates.ok()) return templates.status();
    parts.templates = *std::move(templates);
  }
  return Build(source, *unigram, std::move(parts));
}

// The character map of the file does not count.
BuiltTokenizer BuildDebertaV2(TokenizerSource& source) {
  TokenizerConfig& config = source.config;
  const absl::Status roles = SetDefaultRoles(config,
                                             {{"bos_token", "[CLS]"},
                                              {"eos_token", "[SEP]"},
                                              {"unk_token", "[UNK]"},
                                              {"sep_token", "[SEP]"},
                                              {"pad_token", "[PAD]"},
                                              {"cls_token", "[CLS]"},
                                              {"mask_token", "[MASK]"}},
                                             {"unk_token", "sep_token", "cls_token"});
  if (!roles.ok()) return roles;
  const absl::StatusOr<UnigramSource> unigram = ReadUnigramSource(source, "spm.model");
  if (!unigram.ok()) return unigram.status();
  AddExtraTokens(unigram->extra_tokens, config);
  FamilyParts parts;
  if (config.do_lower_case.value_or(false)) parts.normalizers.push_back(std::make_unique<LowercaseNormalizer>());
  parts.normalizers.push_back(std::make_unique<SpaceRunNormalizer>(SpaceRunNormalizer::Run::kTwoOrLineBreak, " "));
  parts.normalizers.push_back(std::make_unique<UnicodeNormalizer>(Form::kNfc));
  parts.normalizers.push_back(std::make_unique<StripNormalizer>(false, true));
  if (config.split_by_punct) {
    parts.pre_tokenizers.push_back(std::make_unique<PatternPreTokenizer>(MatchPunctuation, SplitBehavior::kIsolated));
  }
  AddMetaspace(config.add_prefix_space.value_or(true) ? Prepend::kAlways : Prepend::kFirst, parts.pre_tokenizers);
  const std::pair<std::string, double> unk(Content(config, "unk_token"), 0.0);
  const auto found = std::find(unigram->pieces.begin(), unigram->pieces.end(), unk);
  parts.unk_id = found != unigram->pieces.end() ? found - unigram->pieces.begin()
                 : unigram->is_sentencepiece    ? unigram->unk_id
                                                : config.unk_id.value_or(1);
  parts.is_bert_pair = true;
  parts.gives_type_ids = true;
  return Build(source, *unigram, std::move(parts));
}

}  // namespace verdict
