#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace verdict {

// Token strings and their ids. Of equal tokens the last counts.
using Vocabulary = std::vector<std::pair<std::string, int32_t>>;

// Turns words into ids. Immutable, so thread-safe.
class WordModel {
 public:
  virtual ~WordModel() = default;

  // Appends the ids of `word`, which is not empty and well-formed UTF-8 unless the model says that it takes raw bytes.
  virtual void Tokenize(std::string_view word, std::vector<int32_t>& ids) const = 0;

  // What it does, for people, in the words of tokenizer.json.
  virtual std::string Describe() const = 0;
};

}  // namespace verdict
