#pragma once

#include <cstdint>

#include "services/classifier/api/classifier.h"

namespace verdict {

// Of all results of a response.
struct ResponseTotals {
  int64_t tokens = 0;
  int64_t tokens_dropped = 0;
  int64_t truncated_inputs = 0;
};

inline ResponseTotals TotalsOf(const ClassifyResponse& response) {
  ResponseTotals totals;
  for (const Classification& result : response.results) {
    totals.tokens += result.tokens;
    totals.tokens_dropped += result.tokens_dropped;
    if (result.tokens_dropped > 0) ++totals.truncated_inputs;
  }
  return totals;
}

}  // namespace verdict
