#include "services/classifier/batching/pass_times.h"

#include <algorithm>
#include <bit>

namespace verdict {
namespace {

constexpr double kWeight = 0.2;  // of a new pass
// A pass that was held up, by a machine that stood still for seconds, counts as this many times the average at most: what the
// machine does lastingly is still learned soon.
constexpr double kOutlier = 4;

}  // namespace

int PassTimes::SizeOf(int64_t tokens) {
  const int width = std::bit_width(static_cast<uint64_t>(std::max<int64_t>(tokens, 1)));
  return std::min(width, kSizes) - 1;
}

void PassTimes::Learn(int64_t tokens, absl::Duration took) {
  Average& average = averages_[static_cast<size_t>(SizeOf(tokens))];
  double seconds = std::max(absl::ToDoubleSeconds(took), 1e-9);
  if (average.tokens == 0) {
    average = {static_cast<double>(tokens), seconds};
    return;
  }
  seconds = std::min(seconds, kOutlier * average.seconds);
  average.tokens += kWeight * (static_cast<double>(tokens) - average.tokens);
  average.seconds += kWeight * (seconds - average.seconds);
}

const PassTimes::Average* PassTimes::Nearest(int size) const {
  for (int distance = 0; distance < kSizes; ++distance) {
    for (const int near : {size - distance, size + distance}) {
      if (near < 0 || near >= kSizes) continue;
      const Average& average = averages_[static_cast<size_t>(near)];
      if (average.tokens > 0) return &average;
    }
  }
  return nullptr;
}

std::optional<absl::Duration> PassTimes::Of(int64_t tokens) const {
  const Average* average = Nearest(SizeOf(tokens));
  if (average == nullptr) return std::nullopt;
  return absl::Seconds(average->seconds * static_cast<double>(tokens) / average->tokens);
}

}  // namespace verdict
