#pragma once

#include <string_view>
#include <vector>

#include "common/logging.h"
#include "telemetry/trace_context.h"

namespace verdict {

// What a log line says of a trace: the request's own span where it is traced, else the trace that its caller names.
inline void AddTraceIds(const TraceContext& own, std::string_view trace_parent, std::vector<LogField>& fields) {
  if (own.valid()) {
    fields.emplace_back("trace_id", ToHex(own.trace_id));
    fields.emplace_back("span_id", ToHex(own.span_id));
  } else if (const auto parent = ParseTraceParent(trace_parent)) {
    fields.emplace_back("trace_id", ToHex(parent->trace_id));
  }
}

}  // namespace verdict
