#pragma once

#include "gateway/gateway.h"
#include "gateway/options.h"

namespace verdict {

// Says in the log, in one line, what the gateway makes of its options: ports, contracts, threads, limits, and where traces go.
void LogGatewayPlan(const GatewayOptions& options, const Gateway& gateway);

// Warns where the limit of open descriptors leaves clearly fewer than --max-connections may take.
void WarnOfFewDescriptors(const HttpLimits& limits);

}  // namespace verdict
