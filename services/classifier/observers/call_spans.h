#pragma once

#include <cstdint>

#include "services/classifier/api/classify_observer.h"
#include "telemetry/tracer.h"

namespace verdict {

// Turns calls and batches into spans. A call is a server span below its caller's, with children for its phases. A batch serves
// calls of many traces, so it is a trace of its own: its span links to the calls that rode in it, and their spans "compute" link
// to it, in both directions up to a bound. A batch without a call that is traced has no span. Thread-safe.
class CallSpans final : public ClassifyObserver {
 public:
  explicit CallSpans(Tracer& tracer);

  TraceContext OnCallBegun(const TraceContext& caller) override { return tracer_.Begin(caller); }
  void OnCall(const FinishedCall& call) override;
  void OnBatch(const FinishedBatch& batch) override;

 private:
  TraceContext BatchContext(uint64_t id) const;
  void RecordPhases(const FinishedCall& call);

  Tracer& tracer_;
  const TraceId batches_;  // the first eight bytes of every batch's trace id, and what makes the rest differ between processes
};

}  // namespace verdict
