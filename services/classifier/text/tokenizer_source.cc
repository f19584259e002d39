#include "services/classifier/text/tokenizer_source.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "services/classifier/text/exact_scores.h"
#include "services/classifier/text/model_json.h"
#include "services/classifier/text/tokenizer_json.h"
#include "services/classifier/text/vocab_file.h"

namespace verdict {
namespace {

absl::Status CheckVersion(const JsonView& document) {
  const absl::StatusOr<std::string> version = document.String("version", "1.0");
  if (!version.ok()) return version.status();
  return *version == "1.0" ? absl::OkStatus() : document.Unsupported("version", *version);
}

}  // namespace

absl::StatusOr<std::vector<std::pair<std::string, double>>> ReadExactPieces(const TokenizerSource& source,
                                                                            const JsonView& model) {
  absl::StatusOr<std::vector<std::pair<std::string, double>>> pieces = ReadPieces(model);
  if (!pieces.ok()) return pieces;
  const absl::StatusOr<std::string> text = ReadFile(source.directory / "tokenizer.json", kMaxTokenizerFileBytes);
  if (!text.ok()) return text.status();
  const absl::StatusOr<std::vector<double>> scores = ReadExactScores(*text);
  if (!scores.ok() || scores->size() != pieces->size()) return model.Error("vocab", "comes twice, or the file changed");
  for (size_t i = 0; i < scores->size(); ++i) (*pieces)[i].second = (*scores)[i];
  return pieces;
}

absl::StatusOr<TokenizerSource> ReadTokenizerSource(const std::filesystem::path& directory) {
  absl::StatusOr<TokenizerConfig> config = ReadTokenizerConfig(directory);
  if (!config.ok()) return config.status();
  TokenizerSource source{directory, *std::move(config), std::nullopt, {}};
  absl::StatusOr<JsonFile> file = JsonFile::Read(directory / "tokenizer.json", kMaxTokenizerFileBytes);
  if (absl::IsNotFound(file.status())) return source;
  if (!file.ok()) return file.status();
  source.tokenizer_json = *std::move(file);
  if (absl::Status status = CheckVersion(source.json()); !status.ok()) return status;
  absl::StatusOr<std::vector<IdentifiedToken>> tokens = ReadAddedTokens(source.json());
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

absl::Status SetDefaultRoles(TokenizerConfig& config, std::initializer_list<std::pair<const char*, const char*>> defaults,
                             std::initializer_list<const char*> required) {
  for (const auto& [role, content] : defaults) {
    AddedToken token;
    token.content = content;
    token.normalized = false;
    token.special = true;
    const bool is_new = config.roles.try_emplace(role, std::move(token)).second;
    if (is_new) config.string_roles.insert(role);
  }
  for (const char* role : required) {
    if (!config.roles[role]) {
      return absl::InvalidArgumentError(absl::StrCat("tokenizer_config.json: ", role, ": expected a string"));
    }
  }
  return absl::OkStatus();
}

FamilyTokens::FamilyTokens(const Vocabulary& vocabulary, const TokenizerConfig& config, std::string file)
    : config_(config), file_(std::move(file)), vocabulary_(vocabulary), added_(vocabulary_) {
  added_.AddConfigured(config);
}

absl::StatusOr<int32_t> FamilyTokens::IdOfRole(const std::string& role) const {
  const std::string& content = config_.roles.at(role)->content;
  const bool listed = std::any_of(config_.added_tokens.begin(), config_.added_tokens.end(),
                                  [&](const auto& entry) { return entry.second.content == content; });
  if (const std::optional<int32_t> id = added_.FindId(content); id && (listed || vocabulary_.FindId(content))) return *id;
  return absl::InvalidArgumentError(absl::StrCat(file_, ": the vocabulary lacks ", Quoted(content), ", the ", role));
}

int32_t LargestId(const Vocabulary& vocabulary) {
  int32_t largest = -1;
  for (const auto& [token, id] : vocabulary) largest = std::max(largest, id);
  return largest;
}

BuiltTokenizer NamingFile(const std::string& file, BuiltTokenizer built) {
  if (built.ok()) return built;
  return absl::Status(built.status().code(), absl::StrCat(file, ": ", built.status().message()));
}

void ClearTypeIds(SequenceTemplate& sequence) {
  for (SequenceTemplate::Piece& piece : sequence.pieces) piece.type_id = 0;
}

}  // namespace verdict
