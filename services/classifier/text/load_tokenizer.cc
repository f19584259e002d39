#include "services/classifier/text/load_tokenizer.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/json_file.h"
#include "services/classifier/text/added_vocabulary.h"
#include "services/classifier/text/json_view.h"
#include "services/classifier/text/tokenizer_config.h"
#include "services/classifier/text/tokenizer_json.h"
#include "services/classifier/text/vocab_file.h"
#include "services/classifier/text/wordpiece_tokenizer.h"

namespace verdict {
namespace {

using std::filesystem::path;

// Everything a directory says, before it is put together.
struct Source {
  TokenizerConfig config;
  std::optional<JsonFile> tokenizer_json;
  std::vector<WordPieceTokenizer::IdentifiedToken> file_tokens;  // of tokenizer.json

  std::string vocabulary_file() const { return tokenizer_json ? "tokenizer.json" : "vocab.txt"; }
  JsonView json() const { return JsonView(tokenizer_json->name(), "", tokenizer_json->object()); }
};

absl::Status CheckVersion(const JsonView& document) {
  const absl::StatusOr<std::string> version = document.String("version", "1.0");
  if (!version.ok()) return version.status();
  return *version == "1.0" ? absl::OkStatus() : document.Unsupported("version", *version);
}

absl::StatusOr<Source> ReadSource(const path& directory) {
  absl::StatusOr<TokenizerConfig> config = ReadTokenizerConfig(directory);
  if (!config.ok()) return config.status();
  Source source{*std::move(config), std::nullopt, {}};
  absl::StatusOr<JsonFile> file = JsonFile::Read(directory / "tokenizer.json", kMaxTokenizerFileBytes);
  if (absl::IsNotFound(file.status())) return source;
  if (!file.ok()) return file.status();
  source.tokenizer_json = *std::move(file);
  if (absl::Status status = CheckVersion(source.json()); !status.ok()) return status;
  absl::StatusOr<std::vector<WordPieceTokenizer::IdentifiedToken>> tokens = ReadAddedTokens(source.json());
  if (!tokens.ok()) return tokens.status();
  source.file_tokens = *std::move(tokens);
  if (!source.config.lists_added_tokens) {
    for (const auto& [token, id] : source.file_tokens) source.config.added_tokens[id] = token;
  }
  if (source.config.truncation_side) return source;
  absl::StatusOr<std::optional<std::string>> side = ReadTruncationSide(source.json());
  if (!side.ok()) return side.status();
  source.config.truncation_side = *std::move(side);
  return source;
}

// The class that config.json names where tokenizer_config.json names none.
absl::StatusOr<std::string> TokenizerClass(const path& directory, const TokenizerConfig& config) {
  if (!config.tokenizer_class.empty()) return config.tokenizer_class;
  const absl::StatusOr<JsonFile> model = JsonFile::Read(directory / "config.json", kMaxTokenizerFileBytes);
  if (absl::IsNotFound(model.status())) return std::string("BertTokenizer");
  if (!model.ok()) return model.status();
  const absl::StatusOr<std::string> name = model->String("tokenizer_class", "BertTokenizer");
  if (!name.ok()) return name.status();
  return std::string(absl::StripSuffix(*name, "Fast"));
}

absl::StatusOr<Vocabulary> ReadBertVocabulary(const path& directory, const Source& source) {
  if (source.tokenizer_json) return ReadWordPieceVocabulary(source.json());
  absl::StatusOr<Vocabulary> vocabulary = ReadVocabFile(directory / "vocab.txt");
  if (!absl::IsNotFound(vocabulary.status())) return vocabulary;
  return absl::NotFoundError(absl::StrCat(directory.string(), ": has neither tokenizer.json nor vocab.txt"));
}

// BertTokenizer gives each role a token even where no file does.
absl::Status SetBertDefaults(TokenizerConfig& config) {
  constexpr std::pair<const char*, const char*> kDefaults[] = {
      {"unk_token", "[UNK]"}, {"sep_token", "[SEP]"}, {"pad_token", "[PAD]"}, {"cls_token", "[CLS]"}, {"mask_token", "[MASK]"}};
  for (const auto& [role, content] : kDefaults) {
    AddedToken token;
    token.content = content;
    token.normalized = false;
    token.special = true;
    config.roles.try_emplace(role, std::move(token));
  }
  for (const char* role : {"unk_token", "sep_token", "cls_token"}) {
    if (!config.roles[role])
      return absl::InvalidArgumentError(absl::StrCat("tokenizer_config.json: ", role, ": expected a string"));
  }
  return absl::OkStatus();
}

// The id of the token of a role. It has to be in the vocabulary or among the listed added tokens: an id made up for it would lie
// beyond the model's embeddings.
absl::StatusOr<int32_t> IdOfRole(const std::string& role, const TokenizerConfig& config, const AddedVocabulary& vocabulary,
                                 const AddedVocabulary& added, const std::string& file) {
  const std::string& content = config.roles.at(role)->content;
  const bool listed = std::any_of(config.added_tokens.begin(), config.added_tokens.end(),
                                  [&](const auto& entry) { return entry.second.content == content; });
  if (const std::optional<int32_t> id = added.FindId(content); id && (listed || vocabulary.FindId(content))) return *id;
  return absl::InvalidArgumentError(absl::StrCat(file, ": the vocabulary lacks ", Quoted(content), ", the ", role));
}

// Where the tokenizer gives no type ids, the model takes 0 for all tokens.
void ClearTypeIds(WordPieceTokenizer::Options& options) {
  for (SequenceTemplate* sequence : {&options.single, &options.pair}) {
    for (SequenceTemplate::Piece& piece : sequence->pieces) piece.type_id = 0;
  }
}

absl::StatusOr<WordPieceTokenizer::Options> BertOptions(const path& directory, Source& source) {
  TokenizerConfig& config = source.config;
  absl::StatusOr<Vocabulary> vocabulary = ReadBertVocabulary(directory, source);
  if (!vocabulary.ok()) return vocabulary.status();
  if (absl::Status status = SetBertDefaults(config); !status.ok()) return status;
  WordPieceTokenizer::Options options;
  options.model.vocabulary = *std::move(vocabulary);
  options.model.unk_token = config.roles["unk_token"]->content;
  options.normalizer = {true, config.tokenize_chinese_chars, config.strip_accents, config.do_lower_case};
  const AddedVocabulary vocabulary_only(options.model.vocabulary);
  AddedVocabulary added = vocabulary_only;
  added.AddConfigured(config);
  const absl::StatusOr<int32_t> cls = IdOfRole("cls_token", config, vocabulary_only, added, source.vocabulary_file());
  const absl::StatusOr<int32_t> sep = IdOfRole("sep_token", config, vocabulary_only, added, source.vocabulary_file());
  if (!cls.ok()) return cls.status();
  if (!sep.ok()) return sep.status();
  options.single = BertSingleTemplate(*cls, *sep);
  options.pair = BertPairTemplate(*cls, *sep);
  options.added_tokens = added.tokens();
  if (!config.gives_type_ids.value_or(true)) ClearTypeIds(options);
  return options;
}

absl::StatusOr<WordPieceTokenizer::Options> OptionsAsWritten(const path& directory, const Source& source) {
  if (!source.tokenizer_json) return absl::NotFoundError(absl::StrCat((directory / "tokenizer.json").string(), ": No such file"));
  const JsonView json = source.json();
  if (absl::Status status = CheckPreTokenizer(json); !status.ok()) return status;
  absl::StatusOr<WordPieceModel::Options> model = ReadWordPieceModel(json);
  if (!model.ok()) return model.status();
  const absl::StatusOr<BertNormalizer::Options> normalizer = ReadNormalizer(json);
  if (!normalizer.ok()) return normalizer.status();
  absl::StatusOr<SequenceTemplates> templates = ReadPostProcessor(json);
  if (!templates.ok()) return templates.status();
  AddedVocabulary added(model->vocabulary);
  std::vector<AddedToken> tokens;
  for (const auto& [token, id] : source.file_tokens) tokens.push_back(token);
  added.Add(tokens);
  added.AddConfigured(source.config);
  WordPieceTokenizer::Options options;
  options.model = *std::move(model);
  options.normalizer = *normalizer;
  options.added_tokens = added.tokens();
  options.single = std::move(templates->single);
  options.pair = std::move(templates->pair);
  if (!source.config.gives_type_ids.value_or(false)) ClearTypeIds(options);
  return options;
}

absl::StatusOr<WordPieceTokenizer::Options> ReadOptions(const path& directory, Source& source) {
  const absl::StatusOr<std::string> name = TokenizerClass(directory, source.config);
  if (!name.ok()) return name.status();
  if (*name == "BertTokenizer") return BertOptions(directory, source);
  if (*name == "PreTrainedTokenizer" || *name == "TokenizersBackend") return OptionsAsWritten(directory, source);
  return absl::UnimplementedError(absl::StrCat("tokenizer_config.json: tokenizer_class: ", Quoted(*name), " is not supported"));
}

}  // namespace

absl::StatusOr<LoadedTokenizer> LoadTokenizer(const path& directory) {
  absl::StatusOr<Source> source = ReadSource(directory);
  if (!source.ok()) return source.status();
  absl::StatusOr<WordPieceTokenizer::Options> options = ReadOptions(directory, *source);
  if (!options.ok()) return options.status();
  options->split_special_tokens = source->config.split_special_tokens;
  absl::StatusOr<std::unique_ptr<WordPieceTokenizer>> tokenizer = WordPieceTokenizer::Create(*options);
  if (!tokenizer.ok()) {
    return absl::Status(tokenizer.status().code(), absl::StrCat(source->vocabulary_file(), ": ", tokenizer.status().message()));
  }
  const bool keeps_end = source->config.truncation_side == "left";
  return LoadedTokenizer{*std::move(tokenizer), source->config.model_max_length,
                         keeps_end ? TruncationPolicy::kTail : TruncationPolicy::kHead};
}

}  // namespace verdict
