#pragma once

#include <cstdint>
#include <vector>

namespace verdict {

// Which row of DeBERTa's table of relative positions [2 * span, hidden] each pair of a query and a key takes (He et al.,
// arXiv:2006.03654, and for the logarithmic buckets the code published with it).
class RelativePositions {
 public:
  // `buckets` 0: every distance has a row of its own, up to `max_distance`.
  RelativePositions(int64_t buckets, int64_t max_distance) : buckets_(buckets), max_distance_(max_distance) {}

  int64_t span() const { return buckets_ > 0 ? buckets_ : max_distance_; }

  // The rows of all pairs of a sequence: those of the table from `first` on, `count` of them, and for each distance query - key,
  // from -(length - 1) to length - 1, its row counted from `first`. Short sequences need few rows.
  struct Rows {
    int64_t first = 0, count = 0;
    std::vector<int32_t> of_distance;
  };
  Rows ForLength(int64_t length) const;

 private:
  int64_t Bucket(int64_t distance) const;

  int64_t buckets_, max_distance_;
};

}  // namespace verdict
