#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/classifier/text/text_map.h"
#include "services/classifier/text/word_model.h"

namespace verdict {

// Every word is one token, or unknown. Immutable, so thread-safe.
class WordLevelModel : public WordModel {
 public:
  WordLevelModel(const Vocabulary& vocabulary, int32_t unk_id) : tokens_(vocabulary.begin(), vocabulary.end()), unk_id_(unk_id) {}

  void Tokenize(std::string_view word, std::vector<int32_t>& ids) const override {
    const auto found = tokens_.find(word);
    ids.push_back(found == tokens_.end() ? unk_id_ : found->second);
  }

  std::string Describe() const override { return "WordLevel"; }

 private:
  TextMap<int32_t> tokens_;
  int32_t unk_id_;
};

}  // namespace verdict
