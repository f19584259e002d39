#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace verdict {

// Rotary position embeddings (Su et al., arXiv:2104.09864) in the arrangement of transformers: component i of a head turns with
// component i + width / 2, by position * theta^(-2 i / width).
class RotaryPositions {
 public:
  // `width` of a head is even.
  RotaryPositions(int64_t width, double theta);

  // The angles' cosines and sines of every token: [tokens, 1, width]. positions: int32 [tokens].
  struct Angles {
    at::Tensor cosine, sine;
  };
  Angles Of(const at::Tensor& positions) const;

  // x: [tokens, heads, width].
  static at::Tensor Rotate(const at::Tensor& x, const Angles& angles);

 private:
  at::Tensor frequencies_;  // [width / 2]
};

}  // namespace verdict
