#pragma once

#include <utility>
#include <vector>

#include "telemetry/tracer.h"

namespace verdict {

// Keeps every span, in order.
struct KeepingSink : SpanSink {
  void Add(Span span) override { spans.push_back(std::move(span)); }
  std::vector<Span> spans;
};

}  // namespace verdict
