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

  // y: [tokens, norm_width]
  void operator()(const Pass& pass, const Hidden& y) const;

  int64_t width() const { return norm_.weight.rows(); }
  int64_t vocabulary_size() const { return words_.rows(); }
  // Token types below this have an embedding; 0: types are not read.
  int64_t types() const { return types_.rows() > 1 ? types_.rows() : 0; }
  // The longest sequence that has positions; absent: no limit of its own.
  std::optional<int64_t> max_tokens() const;

 private:
  void Sum(const PackedTokens& tokens, int64_t sequence, float* x) const;

  PositionRule rule_;
  Tensor words_, positions_, types_;  // [rows, width]; the last two may be undefined
  std::optional<Linear> projection_;
  LayerNorm norm_;
};

}  // namespace verdict
