#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace verdict {

// The steps in order, for people, in the words of tokenizer.json.
struct PipelineDescription {
  std::string normalizer;  // empty: none, as below
  std::string pre_tokenizer;
  std::string model;
};

// From the text between added tokens to ids: normalizer, pre-tokenizer and model. Immutable, so thread-safe.
class TextPipeline {
 public:
  virtual ~TextPipeline() = default;

  // Replaces `out` by the normal form of `text`, which is well-formed UTF-8.
  virtual void Normalize(std::string_view text, std::string& out) const = 0;

  // Whether normalising `text`, which is not empty, keeps its first character in some form. Only asked about the start of the
  // input.
  virtual bool KeepsStart(std::string_view /*text*/) const { return true; }

  // Appends the ids of normalised text. `at_start`: the text begins where the input does.
  virtual void Tokenize(std::string_view text, bool at_start, std::vector<int32_t>& ids) const = 0;

  virtual PipelineDescription Describe() const = 0;
};

}  // namespace verdict
