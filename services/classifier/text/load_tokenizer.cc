#include "services/classifier/text/load_tokenizer.h"

#include <string>
#include <utility>

#include "services/classifier/text/tokenizer_families.h"
#include "services/classifier/text/tokenizer_source.h"

namespace verdict {

absl::StatusOr<LoadedTokenizer> LoadTokenizer(const std::filesystem::path& directory) {
  absl::StatusOr<TokenizerSource> source = ReadTokenizerSource(directory);
  if (!source.ok()) return source.status();
  const absl::StatusOr<TokenizerClass> chosen = FindTokenizerClass(*source);
  if (!chosen.ok()) return chosen.status();
  absl::StatusOr<std::unique_ptr<PipelineTokenizer>> tokenizer = chosen->build(*source);
  if (!tokenizer.ok()) return tokenizer.status();
  const bool keeps_end = source->config.truncation_side == "left";
  return LoadedTokenizer{.tokenizer = *std::move(tokenizer),
                         .tokenizer_class = std::string(chosen->name),
                         .has_tokenizer_json = source->tokenizer_json.has_value(),
                         .model_max_length = source->config.model_max_length,
                         .default_truncation = keeps_end ? TruncationPolicy::kTail : TruncationPolicy::kHead};
}

}  // namespace verdict
