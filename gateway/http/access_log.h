#pragma once

#include "gateway/http/http_observer.h"
#include "telemetry/access_log_policy.h"

namespace verdict {

// Writes a line, "request", about each request that the policy keeps, at level info. Thread-safe.
class AccessLog final : public HttpObserver {
 public:
  explicit AccessLog(const AccessLogPolicy& policy) : policy_(policy) {}

  void OnExchange(const FinishedExchange& exchange) override;

 private:
  const AccessLogPolicy policy_;
};

}  // namespace verdict
