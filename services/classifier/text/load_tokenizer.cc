#include "services/classifier/text/load_tokenizer.h"

#include <utility>

#include "services/classifier/text/tokenizer_families.h"
#include "services/classifier/text/tokenizer_source.h"

namespace verdict {

absl::StatusOr<LoadedTokenizer> LoadTokenizer(const std::filesystem::path& directory) {
  absl::StatusOr<TokenizerSource> source = ReadTokenizerSource(directory);
  if (!source.ok()) return source.status();
  const absl::StatusOr<TokenizerFamily> build = FindTokenizerFamily(*source);
  if (!build.ok()) return build.status();
  absl::StatusOr<std::unique_ptr<PipelineTokenizer>> tokenizer = (*build)(*source);
  if (!tokenizer.ok()) return tokenizer.status();
  const bool keeps_end = source->config.truncation_side == "left";
  return LoadedTokenizer{*std::move(tokenizer), source->config.model_max_length,
                         keeps_end ? TruncationPolicy::kTail : TruncationPolicy::kHead};
}

}  // namespace verdict
