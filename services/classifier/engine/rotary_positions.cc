#include "services/classifier/engine/rotary_positions.h"

#include <ATen/ATen.h>

namespace verdict {

// In fp32, in the order of transformers: at position 8,000 another rounding of a frequency would show.
RotaryPositions::RotaryPositions(int64_t width, double theta)
    : frequencies_(at::pow(theta, at::arange(0, width, 2, at::kFloat) / static_cast<double>(width)).reciprocal()) {}

RotaryPositions::Angles RotaryPositions::Of(const at::Tensor& positions) const {
  const at::Tensor half = positions.to(at::kFloat).unsqueeze(1) * frequencies_.unsqueeze(0);
  const at::Tensor angle = at::cat({half, half}, 1).unsqueeze(1);
  return {angle.cos(), angle.sin()};
}

at::Tensor RotaryPositions::Rotate(const at::Tensor& x, const Angles& angles) {
  const auto halves = x.chunk(2, -1);
  return (x * angles.cosine + at::cat({-halves[1], halves[0]}, -1) * angles.sine).to(x.scalar_type());
}

}  // namespace verdict
