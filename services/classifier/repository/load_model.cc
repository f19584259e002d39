#include "services/classifier/repository/load_model.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/logging.h"
#include "services/classifier/model/model_directory.h"
#include "services/classifier/text/load_tokenizer.h"

namespace verdict {
namespace {

// The shorter of what the tokenizer and what the position embeddings allow. Where positions go on, the tokenizer decides, as in
// transformers; if it sets no limit, the configuration's counts, for attention without any would take all memory.
int64_t MaxTokens(const LoadedTokenizer& tokenizer, const BackendInfo& backend) {
  constexpr int64_t kLongest = 1 << 20;
  if (backend.soft_limit && tokenizer.model_max_length) return std::min(*tokenizer.model_max_length, kLongest);
  const int64_t positions = backend.max_tokens;
  return std::min(positions, tokenizer.model_max_length.value_or(positions));
}

absl::Status CheckLimit(const Tokenizer& tokenizer, int64_t max_tokens) {
  const auto empty = tokenizer.Encode({.text = "", .text_pair = ""}, static_cast<int>(std::max<int64_t>(max_tokens, 1)),
                                      TruncationPolicy::kError);
  if (empty.ok() && max_tokens >= 1) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("tokenizer_config.json: model_max_length: ", max_tokens, " tokens leave no room beside the special tokens"));
}

// Special tokens and their types are the same in every text: what the model cannot do with them, it cannot do with an empty one.
absl::Status TryEmpty(const Tokenizer& tokenizer, Backend& backend, int max_tokens, const TextInput& input) {
  const auto empty = tokenizer.Encode(input, max_tokens, TruncationPolicy::kHead);
  if (!empty.ok()) return empty.status();
  if (empty->sequence.ids.empty()) return absl::OkStatus();
  const auto answer = backend.Forward({&empty->sequence});
  if (answer.ok()) return absl::OkStatus();
  const TokenizerDescription description = tokenizer.Describe();
  return absl::InvalidArgumentError(absl::StrCat("the special tokens around a ", input.text_pair ? "pair (" : "text (",
                                                 input.text_pair ? description.pair : description.text,
                                                 ") do not fit the model: ", answer.status().message()));
}

// A model that reads single texts may be unable to read pairs, as one with too few token types.
absl::Status TrySpecialTokens(const LoadedTokenizer& tokenizer, Backend& backend, int max_tokens, const std::string& name) {
  const absl::Status text = TryEmpty(*tokenizer.tokenizer, backend, max_tokens, {"", std::nullopt});
  if (!text.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(tokenizer.has_tokenizer_json ? "tokenizer.json: " : "tokenizer: ", text.message()));
  }
  const absl::Status pair = TryEmpty(*tokenizer.tokenizer, backend, max_tokens, {"", ""});
  if (!pair.ok()) LogWarning("text pairs cannot be answered", {{"error", pair.message()}, {"model", name}});
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ModelClassifier::Parts> LoadModel(const std::string& name, const std::filesystem::path& path,
                                                 const EngineOptions& engine) {
  auto directory = ModelDirectory::Read(path);
  if (!directory.ok()) return directory.status();
  auto tokenizer = LoadTokenizer(path);
  if (!tokenizer.ok()) return tokenizer.status();
  auto backend = LoadBackend(*directory, engine);
  if (!backend.ok()) return backend.status();
  const BackendInfo& built = (*backend)->info();
  const int64_t max_tokens = MaxTokens(*tokenizer, built);
  if (absl::Status status = CheckLimit(*tokenizer->tokenizer, max_tokens); !status.ok()) return status;
  if (absl::Status status = TrySpecialTokens(*tokenizer, **backend, static_cast<int>(max_tokens), name); !status.ok())
    return status;
  if (built.vocabulary_size != 0 && tokenizer->tokenizer->vocabulary_size() > built.vocabulary_size) {
    LogWarning("the tokenizer knows more tokens than the model has embeddings; texts that hold such a token are refused",
               {{"tokens", tokenizer->tokenizer->vocabulary_size()}, {"embeddings", built.vocabulary_size}, {"model", name}});
  }
  ModelClassifier::Parts parts;
  parts.info = {.name = name,
                .version = directory->version,
                .is_default = false,
                .architecture = directory->config.model_type,
                .backend = built.name,
                .labels = directory->config.labels,
                .max_tokens = static_cast<int>(max_tokens),
                .default_function_to_apply = FunctionName(directory->config.function_to_apply),
                .precision = built.precision,
                .parameters = built.parameters,
                .loaded_at = absl::Now()};
  parts.tokenizer_class = absl::StrCat(tokenizer->tokenizer_class,
                                       tokenizer->has_tokenizer_json ? " from tokenizer.json" : " from the files of its class");
  parts.model_max_length = tokenizer->model_max_length;
  parts.function_to_apply = directory->config.function_to_apply;
  parts.truncation_policy = tokenizer->default_truncation;
  parts.vocabulary_size = built.vocabulary_size;
  parts.tokenizer = std::move(tokenizer->tokenizer);
  parts.backend = *std::move(backend);
  return parts;
}

}  // namespace verdict
