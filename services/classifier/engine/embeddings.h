#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "services/classifier/engine/layers.h"

namespace verdict {

// Which row of the position embeddings a token takes.
struct PositionRule {
  int64_t first = 0;  // of the first token
  // RoBERTa's rule: tokens with this id take row `first` - 1 and are not counted.
  std::optional<int32_t> skipped_id = {};
};

// The sum of word, position and token type embeddings, normalised.
class Embeddings {
 public:
  struct Options {
    std::string prefix;  // of the tensors' names, with its dot
    int64_t width = 0;
    double epsilon = 0;
    bool has_positions = true;
    bool has_types = true;
    PositionRule positions = {};
    int64_t norm_width = 0;  // 0: width; where it differs, a projection lies between sum and norm
  };

  static Embeddings Take(TensorSource& source, const Options& options);

  // [tokens, norm_width]
  at::Tensor operator()(const PackedTokens& tokens) const;

  int64_t vocabulary_size() const { return words_.size(0); }
  // The longest sequence that has positions; absent: no limit of its own.
  std::optional<int64_t> max_tokens() const;

 private:
  at::Tensor PositionsOf(const PackedTokens& tokens) const;

  PositionRule rule_;
  at::Tensor words_, positions_, types_;  // [rows, width]; the last two may be undefined
  at::Tensor projection_;                 // [norm_width, width], or undefined
  LayerNorm norm_;
};

}  // namespace verdict
