#pragma once

#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace verdict {

// The metrics of the service behind a gateway. Thread-safe.
class MetricsClient {
 public:
  virtual ~MetricsClient() = default;

  // What verdict.v1.Metrics.Collect answers until `deadline`; `done` runs once, on any thread. Errors are gRPC's; a service that
  // cannot be reached is kUnavailable, one that knows no metrics kUnimplemented.
  using MetricsDone = absl::AnyInvocable<void(absl::StatusOr<std::string>)>;
  virtual void CollectMetrics(bool open_metrics, absl::Time deadline, MetricsDone done) = 0;
};

}  // namespace verdict
