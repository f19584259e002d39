#include "services/classifier/text/truncation.h"

#include <algorithm>
#include <utility>

namespace verdict {

PairLengths TruncateLongestFirst(PairLengths lengths, size_t limit) {
  if (lengths.first + lengths.second <= limit) return lengths;
  const bool first_is_longer = lengths.first > lengths.second;
  size_t shorter = std::min(lengths.first, lengths.second);
  size_t longer = limit - std::min(shorter, limit);
  if (longer < shorter) {
    shorter = limit / 2;
    longer = limit - shorter;
  }
  return first_is_longer ? PairLengths{longer, shorter} : PairLengths{shorter, longer};
}

void KeepTokens(std::vector<int32_t>& ids, size_t keep, TruncationPolicy policy) {
  if (ids.size() <= keep) return;
  size_t front = keep;
  if (policy == TruncationPolicy::kTail) front = 0;
  if (policy == TruncationPolicy::kHeadTail) front = keep - keep / 2;
  const auto begin = ids.begin() + static_cast<ptrdiff_t>(front);
  ids.erase(begin, begin + static_cast<ptrdiff_t>(ids.size() - keep));
}

}  // namespace verdict
