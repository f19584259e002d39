#include "services/classifier/engine/rotary_positions.h"

#include <cmath>

namespace verdict {

// In fp32, in the order of transformers: at position 8,000 another rounding of a frequency would show.
RotaryPositions::RotaryPositions(int64_t width, double theta) {
  for (int64_t i = 0; i < width; i += 2) {
    const float exponent = static_cast<float>(i) / static_cast<float>(width);
    frequencies_.push_back(1.0F / static_cast<float>(std::pow(static_cast<float>(theta), exponent)));
  }
}

RotaryPositions::Angles RotaryPositions::UpTo(int64_t length) const {
  Angles angles;
  for (int64_t position = 0; position < length; ++position) {
    for (const float frequency : frequencies_) {
      const float angle = static_cast<float>(position) * frequency;
      angles.cosine.push_back(std::cos(angle));
      angles.sine.push_back(std::sin(angle));
    }
  }
  return angles;
}

void RotaryPositions::Rotate(float* x, const Angles& angles, int64_t position) const {
  const size_t half = frequencies_.size();
  const float* const cosine = angles.cosine.data() + static_cast<size_t>(position) * half;
  const float* const sine = angles.sine.data() + static_cast<size_t>(position) * half;
  for (size_t i = 0; i < half; ++i) {
    const float a = x[i], b = x[i + half];
    x[i] = a * cosine[i] - b * sine[i];
    x[i + half] = b * cosine[i] + a * sine[i];
  }
}

}  // namespace verdict
