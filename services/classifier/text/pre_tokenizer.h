#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"

namespace verdict {

// A stretch of normalised text on its way to the model.
struct TextPiece {
  std::string_view text;  // not empty, well-formed UTF-8
  bool at_start = false;  // whether it begins where the whole input does
};

// One step that cuts text into smaller pieces, and may rewrite them. Immutable, so thread-safe.
class PreTokenizer {
 public:
  using Sink = absl::FunctionRef<void(TextPiece)>;

  virtual ~PreTokenizer() = default;

  // Whether TextPiece::at_start changes the outcome.
  virtual bool start_matters() const { return false; }

  // Calls `sink` with each piece in order, none of them empty. What a piece points to lives until the sink returns.
  virtual void Split(TextPiece piece, Sink sink) const = 0;

  // What it does, for people, in the words of tokenizer.json.
  virtual std::string Describe() const = 0;
};

using PreTokenizers = std::vector<std::unique_ptr<const PreTokenizer>>;

}  // namespace verdict
