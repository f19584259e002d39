#pragma once

#include <cstdint>
#include <vector>

namespace verdict {

// Rotary position embeddings (Su et al., arXiv:2104.09864) in the arrangement of transformers: component i of a head turns with
// component i + width / 2, by position * theta^(-2 i / width).
class RotaryPositions {
 public:
  // `width` of a head is even.
  RotaryPositions(int64_t width, double theta);

  // Of the positions 0 to length - 1: [length, width / 2].
  struct Angles {
    std::vector<float> cosine, sine;
  };
  Angles UpTo(int64_t length) const;

  // Turns a head's components at one position, in place.
  void Rotate(float* x, const Angles& angles, int64_t position) const;

 private:
  std::vector<float> frequencies_;  // [width / 2]
};

}  // namespace verdict
