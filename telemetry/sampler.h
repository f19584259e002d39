#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "telemetry/trace_context.h"

namespace verdict {

// Decides which traces are recorded. A value; thread-safe.
class Sampler {
 public:
  // By OpenTelemetry's names: always_on, always_off, traceidratio, and each with the prefix parentbased_, which does as the
  // caller's traceparent says where there is one. `ratio`, 0 to 1, is what traceidratio records. Errors: kInvalidArgument.
  static absl::StatusOr<Sampler> Create(std::string_view name, double ratio);

  // Whether a span of this trace is recorded; `parent` need not be valid. The same ids give the same answer in every process: a
  // process that records less records traces that the others have as well.
  bool Samples(const TraceContext& parent, const TraceId& id) const;

 private:
  bool by_parent_ = true;
  uint64_t bound_ = 0;  // ids are recorded whose last seven bytes are below it
};

}  // namespace verdict
