#pragma once

#include <filesystem>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/json_file.h"
#include "services/classifier/text/added_vocabulary.h"
#include "services/classifier/text/json_view.h"
#include "services/classifier/text/pipeline_tokenizer.h"
#include "services/classifier/text/tokenizer_config.h"

namespace verdict {

// Everything a model directory says about its tokenizer, before it is put together. Used while it is loaded, by one thread.
struct TokenizerSource {
  std::filesystem::path directory;
  TokenizerConfig config;
  std::optional<JsonFile> tokenizer_json;
  std::vector<IdentifiedToken> file_tokens;  // of tokenizer.json

  JsonView json() const { return JsonView(tokenizer_json->name(), "", tokenizer_json->object()); }
};

// The pieces of a Unigram model in tokenizer.json, with exact scores.
absl::StatusOr<std::vector<std::pair<std::string, double>>> ReadExactPieces(const TokenizerSource& source, const JsonView& model);

// Reads the configuration and tokenizer.json; each of the files may be missing.
absl::StatusOr<TokenizerSource> ReadTokenizerSource(const std::filesystem::path& directory);

// Gives roles the tokens that a class has where no file names them. Those in `required` must not be taken away (null).
absl::Status SetDefaultRoles(TokenizerConfig& config, std::initializer_list<std::pair<const char*, const char*>> defaults,
                             std::initializer_list<const char*> required);

// Added tokens of a class that builds its pipeline itself, and the ids of its roles.
class FamilyTokens {
 public:
  // `vocabulary` outlives this object. `file` is where it was read, for messages.
  FamilyTokens(const Vocabulary& vocabulary, const TokenizerConfig& config, std::string file);

  // The id of the token of a role. It has to be in the vocabulary or among the listed added tokens: an id made up for it would
  // lie beyond the model's embeddings.
  absl::StatusOr<int32_t> IdOfRole(const std::string& role) const;

  std::vector<IdentifiedToken> tokens() const { return added_.tokens(); }

 private:
  const TokenizerConfig& config_;
  std::string file_;
  AddedVocabulary vocabulary_;
  AddedVocabulary added_;
};

// The most id of a vocabulary; -1 when it is empty.
int32_t LargestId(const Vocabulary& vocabulary);

using BuiltTokenizer = absl::StatusOr<std::unique_ptr<PipelineTokenizer>>;

// `built`; an error says which file it comes from.
BuiltTokenizer NamingFile(const std::string& file, BuiltTokenizer built);

// Where the tokenizer gives no type ids, the model takes 0 for all tokens.
void ClearTypeIds(SequenceTemplate& sequence);

}  // namespace verdict
