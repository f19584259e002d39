#include "services/classifier/engine/relative_positions.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace verdict {

// Distances up to half the buckets are exact, beyond they are logarithmic. The operations and their order are those of
// transformers, in fp32: another rounding would move a distance at a border into the next bucket.
int64_t RelativePositions::Bucket(int64_t distance) const {
  const int64_t middle = buckets_ / 2;
  if (buckets_ <= 0 || std::abs(distance) <= middle) return distance;
  const auto far = static_cast<float>(std::abs(distance));
  const float ratio = std::log(far / static_cast<float>(middle)) /
                      std::log(static_cast<float>(static_cast<double>(max_distance_ - 1) / static_cast<double>(middle)));
  const auto bucket = static_cast<int64_t>(std::ceil(ratio * static_cast<float>(middle - 1)) + static_cast<float>(middle));
  return distance < 0 ? -bucket : bucket;
}

RelativePositions::Rows RelativePositions::ForLength(int64_t length) const {
  std::vector<int64_t> rows;
  for (int64_t distance = -(length - 1); distance < length; ++distance) {
    rows.push_back(std::clamp<int64_t>(Bucket(distance) + span(), 0, 2 * span() - 1));
  }
  const auto [least, most] = std::minmax_element(rows.begin(), rows.end());
  Rows result{.first = *least, .count = *most - *least + 1, .of_distance = {}};
  for (const int64_t row : rows) result.of_distance.push_back(static_cast<int32_t>(row - result.first));
  return result;
}

}  // namespace verdict
