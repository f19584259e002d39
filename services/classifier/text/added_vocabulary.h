#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "services/classifier/text/pipeline_tokenizer.h"
#include "services/classifier/text/tokenizer_config.h"
#include "services/classifier/text/word_model.h"

namespace verdict {

// Gives added tokens their ids as Hugging Face's `tokenizers` does: a token of the vocabulary keeps its id, every other one gets
// the next free id whatever the files say. Used while a tokenizer is loaded, by one thread.
class AddedVocabulary {
 public:
  // `vocabulary` outlives this object; its tokens are unique.
  explicit AddedVocabulary(const Vocabulary& vocabulary);

  // Adds tokens in order. One that is there already gets the new properties.
  void Add(const std::vector<AddedToken>& tokens);

  // Adds what the configuration of a directory names: the tokens it lists with ids, then the special tokens by role, then the
  // extra ones. A token that has a role is special.
  void AddConfigured(const TokenizerConfig& config);

  std::optional<int32_t> FindId(std::string_view content) const;

  // By id.
  std::vector<IdentifiedToken> tokens() const;

 private:
  int64_t NextId() const;

  std::unordered_map<std::string_view, int32_t> ids_;  // of the vocabulary
  std::unordered_map<std::string, int32_t> added_ids_;
  std::map<int32_t, AddedToken> tokens_;
};

}  // namespace verdict
