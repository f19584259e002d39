#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "telemetry/span.h"

namespace verdict {

// Sends spans to where they are kept.
class SpanExporter {
 public:
  struct Outcome {
    absl::Status status = absl::OkStatus();
    bool retry = false;                                 // after an error: whether the same spans may be taken later
    absl::Duration retry_after = absl::ZeroDuration();  // not before; zero: the receiver does not say
    int64_t rejected = 0;                               // of a success: spans that the receiver would not take
  };

  virtual ~SpanExporter() = default;

  // Sends all of `spans`; returns at `deadline`, by SteadyNow(), at the latest. Called on one thread.
  virtual Outcome Export(const std::vector<Span>& spans, absl::Time deadline) = 0;

  // Ends the Export under way, and every later one at once. From any thread.
  virtual void Cancel() = 0;
};

}  // namespace verdict
