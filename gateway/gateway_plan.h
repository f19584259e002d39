#pragma once

#include "gateway/gateway.h"
#include "gateway/options.h"

namespace verdict {

// Says in the log, in one line, what the gateway makes of its options: ports, contracts, threads, limits, and where traces go.
void LogGatewayPlan(const GatewayOptions& options, const Gateway& gateway);

}  // namespace verdict
