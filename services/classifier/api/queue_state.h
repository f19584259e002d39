#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace verdict {

// A look at what waits for a model.
struct QueueState {
  std::string model = {};
  int64_t sequences = 0;               // that no batch has taken yet
  int64_t tokens = 0;                  // of those
  int running = 0;                     // batches
  absl::Duration predicted_wait = {};  // of a request that came now; zero: none, or not known
};

}  // namespace verdict
