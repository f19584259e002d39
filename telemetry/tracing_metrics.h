#pragma once

#include <string>

#include "metrics/registry.h"
#include "telemetry/tracing.h"

namespace verdict {

// Adds what became of the spans of this process, under the label `process`. `tracing` outlives whoever writes the metrics; null,
// where nothing is traced: all stay at zero.
void AddTracingMetrics(MetricRegistry& registry, const std::string& process, const Tracing* tracing);

}  // namespace verdict
