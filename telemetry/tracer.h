#pragma once

#include <algorithm>
#include <utility>

#include "absl/time/time.h"
#include "common/steady_clock.h"
#include "telemetry/sampler.h"
#include "telemetry/span.h"

namespace verdict {

// Gives spans their place in a trace and takes them when they are done. Where nothing is traced there is none: a null pointer,
// which costs nothing. Thread-safe; the sink outlives it.
class Tracer {
 public:
  Tracer(SpanSink& sink, const Sampler& sampler) : sink_(sink), sampler_(sampler) {}

  // The context of a span below `parent`, or of the first span of a new trace where that is not valid.
  TraceContext Begin(const TraceContext& parent) const {
    TraceContext context{.trace_id = parent.valid() ? parent.trace_id : NewTraceId(), .span_id = NewSpanId()};
    context.sampled = sampler_.Samples(parent, context.trace_id);
    if (parent.valid()) context.state = parent.state;
    return context;
  }

  // The context of a part of what a span of this process does.
  static TraceContext Child(const TraceContext& parent) {
    TraceContext context = parent;
    context.span_id = NewSpanId();
    return context;
  }

  // Of a span that is not sampled nothing is kept.
  void Record(Span span) {
    if (!span.context.sampled) return;
    const absl::Duration set = ClockSetBy();
    span.start += set;
    span.end = std::max(span.end + set, span.start);
    sink_.Add(std::move(span));
  }

 private:
  // How far the wall clock, by which others read spans, has been set since the process began. Less than a millisecond is no
  // setting: spans that follow each other shall go on doing so.
  static absl::Duration ClockSetBy() {
    const absl::Time now = SteadyNow();
    const absl::Duration difference = absl::FromChrono(ToWallClock(now)) - now;
    return absl::AbsDuration(difference) < absl::Milliseconds(1) ? absl::ZeroDuration() : difference;
  }

  SpanSink& sink_;
  const Sampler sampler_;
};

}  // namespace verdict
