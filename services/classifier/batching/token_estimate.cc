#include "services/classifier/batching/token_estimate.h"

#include <algorithm>

namespace verdict {

void TokenEstimate::Learn(int64_t texts, int64_t bytes, int64_t tokens) {
  if (bytes <= 0) return;
  constexpr double kWeight = 0.05;
  const double seen = static_cast<double>(std::max<int64_t>(tokens - texts * special_, 0)) / static_cast<double>(bytes);
  const double before = per_byte_.load();
  per_byte_ = before == 0 ? seen : before + kWeight * (seen - before);  // of two threads at once, one may be lost: it is a guess
}

int64_t TokenEstimate::Of(int64_t bytes) const {
  const auto content = static_cast<int64_t>(per_byte_.load() * static_cast<double>(bytes));
  return std::clamp<int64_t>(content + special_, 1, most_);
}

}  // namespace verdict
