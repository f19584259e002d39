#pragma once

#include <cstddef>

#include "services/classifier/api/classify_observer.h"
#include "telemetry/access_log_policy.h"

namespace verdict {

// Writes a line, "call", about each call that the policy keeps, at level info. Text of requests is in it only where `text_bytes`
// allows some. Thread-safe.
class CallLog final : public ClassifyObserver {
 public:
  struct Options {
    AccessLogPolicy policy;
    size_t text_bytes = 0;  // of the texts of one call, together
  };

  explicit CallLog(const Options& options) : options_(options) {}

  void OnCall(const FinishedCall& call) override;
  size_t text_bytes() const override { return options_.text_bytes; }

 private:
  const Options options_;
};

}  // namespace verdict
