#pragma once

#include <vector>

#include "opentelemetry/trace_service.pb.h"
#include "telemetry/resource.h"
#include "telemetry/span.h"

namespace verdict {

// Spans of one process as OTLP has them. Text that is not UTF-8, which only a caller can have sent, is replaced where it stands.
opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest ToMessage(const Resource& resource,
                                                                                const std::vector<Span>& spans);

}  // namespace verdict
