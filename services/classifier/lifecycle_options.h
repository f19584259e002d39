#pragma once

#include "absl/status/status.h"
#include "common/options.h"

namespace verdict {

// How verdict-service ends, and when it takes itself for broken.
struct LifecycleOptions {
  int lame_duck_ms = 0;
  int drain_timeout_ms = 20'000;
  int wedged_after_ms = 60'000;  // 0: never
};

void DeclareLifecycleOptions(OptionParser& parser, LifecycleOptions& options);

// Whether they go together. Errors are kInvalidArgument and say why for the operator.
absl::Status CheckLifecycleOptions(const LifecycleOptions& options);

}  // namespace verdict
