#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "services/classifier/api/classifier.h"

namespace verdict {

// How many content tokens each text of a pair keeps.
struct PairLengths {
  size_t first = 0;
  size_t second = 0;
};

// "longest_first" of Hugging Face's `tokenizers`: the longer text gives up tokens until both are equally long, then both do; an
// odd token stays with the longer one, or with the second when both are equally long. The sum is at most `limit`.
PairLengths TruncateLongestFirst(PairLengths lengths, size_t limit);

// Removes tokens until `keep` are left: the end under kHead, the beginning under kTail, the middle under kHeadTail, where an odd
// token stays at the front.
void KeepTokens(std::vector<int32_t>& ids, size_t keep, TruncationPolicy policy);

}  // namespace verdict
