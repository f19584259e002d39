#pragma once

#include "gateway/http/http_observer.h"
#include "telemetry/tracer.h"

namespace verdict {

// Turns exchanges into spans: a server span each, below the caller's where it sent a traceparent. Thread-safe.
class ExchangeSpans final : public HttpObserver {
 public:
  explicit ExchangeSpans(Tracer& tracer) : tracer_(tracer) {}

  // The place of a request in its trace, for HttpRequest::trace. Not valid for requests that only read (GET, HEAD, OPTIONS)
  // unless their caller has a trace: probes come by the thousand.
  TraceContext Begin(const HttpRequest& request) const override;

  void OnExchange(const FinishedExchange& exchange) override;

 private:
  Tracer& tracer_;
};

}  // namespace verdict
