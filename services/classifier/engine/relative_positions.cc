#include "services/classifier/engine/relative_positions.h"

#include <ATen/ATen.h>

namespace verdict {

// Distances up to half the buckets are exact, beyond they are logarithmic. The operations and their order are those of
// transformers, in fp32: another rounding would move a distance at a border into the next bucket.
at::Tensor RelativePositions::Bucket(const at::Tensor& distance) const {
  if (buckets_ <= 0) return distance;
  const int64_t middle = buckets_ / 2;
  const at::Tensor far = distance.abs().clamp_min(middle - 1);
  const at::Tensor ratio = at::scalar_tensor(static_cast<double>(max_distance_ - 1) / static_cast<double>(middle), at::kFloat);
  const at::Tensor logarithmic =
      far.to(at::kFloat).div(static_cast<double>(middle)).log().div(ratio.log()).mul(middle - 1).ceil().add(middle);
  const at::Tensor bucket = at::where(far <= middle, distance.to(at::kFloat), logarithmic * distance.sign().to(at::kFloat));
  return bucket.to(at::kLong);
}

RelativePositions::Rows RelativePositions::ForLength(int64_t length) const {
  // One distance a diagonal, so the buckets of 2 * length - 1 distances tell those of all pairs.
  const at::Tensor distances = at::arange(-(length - 1), length, at::kLong);
  const at::Tensor rows = (Bucket(distances) + span()).clamp(0, 2 * span() - 1);
  const int64_t first = rows.min().item<int64_t>();
  const int64_t count = rows.max().item<int64_t>() - first + 1;
  const at::Tensor place = at::arange(length, at::kLong);
  const at::Tensor diagonal = place.unsqueeze(1) - place.unsqueeze(0) + (length - 1);
  return {first, count, (rows - first).index({diagonal})};
}

}  // namespace verdict
