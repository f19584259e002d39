#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace verdict {

// Names a trace: all that is done for one request, in every process. All zero: none.
struct TraceId {
  uint64_t high = 0;
  uint64_t low = 0;

  friend bool operator==(const TraceId&, const TraceId&) = default;
};

// Names a span, a piece of work in a trace. 0: none.
using SpanId = uint64_t;

// A span as others refer to it: what the headers traceparent and tracestate carry (W3C Trace Context).
struct TraceContext {
  TraceId trace_id = {};
  SpanId span_id = 0;
  bool sampled = false;    // whether its spans are recorded
  std::string state = {};  // tracestate, which is passed on

  bool valid() const { return trace_id != TraceId{} && span_id != 0; }
};

// The context in a traceparent of version 00, or the part of a later version that is like it; nothing where it is malformed.
std::optional<TraceContext> ParseTraceParent(std::string_view header);

// "00-<32 digits>-<16 digits>-<2 digits>", of a valid context.
std::string FormatTraceParent(const TraceContext& context);

// A tracestate that may be passed on: up to 512 visible characters and spaces. Tabs, which the standard allows where it allows
// spaces, become spaces: gRPC ends the process over a tab in its metadata. Empty for others, which may be dropped.
std::string UsableTraceState(std::string_view header);

// In lower-case hexadecimal digits, 32 and 16 of them, as logs have them; empty for none.
std::string ToHex(const TraceId& id);
std::string ToHex(SpanId id);

// Random ids, from a generator of each thread's own that the system has seeded: unlike others with all likelihood, but no
// secrets.
TraceId NewTraceId();
SpanId NewSpanId();

}  // namespace verdict
