#pragma once

#include <string>

#include "metrics/registry.h"
#include "security/options.h"

namespace verdict {

// Adds what an operator watches of it: refused credentials, files that are loaded again, when certificates expire. All have the
// label `process`. `security` outlives whoever writes the metrics.
void AddSecurityMetrics(MetricRegistry& registry, const std::string& process, const Security& security);

}  // namespace verdict
