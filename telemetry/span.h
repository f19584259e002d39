#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "telemetry/trace_context.h"

namespace verdict {

// One named value of a span. The key is a literal: it lives as long as the program.
struct SpanAttribute {
  std::string_view key = {};
  std::variant<int64_t, double, bool, std::string> value = {};
};

// A span that has to do with another without being its parent.
struct SpanLink {
  TraceId trace_id = {};
  SpanId span_id = 0;
  bool sampled = true;
};

// A piece of work that is done, as OpenTelemetry describes it.
struct Span {
  enum class Kind { kInternal, kServer, kClient };

  TraceContext context = {};
  SpanId parent = 0;           // 0: the first of its trace
  bool remote_parent = false;  // whether that is in another process
  Kind kind = Kind::kInternal;
  std::string name = {};
  absl::Time start = {}, end = {};  // by SteadyNow() until Tracer::Record
  std::vector<SpanAttribute> attributes = {};
  std::vector<SpanLink> links = {};
  int dropped_links = 0;  // more of them, which are not listed
  bool failed = false;
  std::string error = {};  // of a failed one: in words
};

// Takes spans that are done. Thread-safe; never blocks.
class SpanSink {
 public:
  virtual ~SpanSink() = default;
  virtual void Add(Span span) = 0;
};

}  // namespace verdict
