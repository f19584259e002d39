#pragma once

#include <string>
#include <vector>

#include "gateway/options.h"
#include "process/shutdown_signal.h"

namespace verdict {

// Runs the gateway in front of a service that somebody else keeps. Returns the exit code, once asked to end and drained.
int RunGateway(const GatewayOptions& options, ShutdownSignal& shutdown);

// Runs both: a service as a child process and the gateway in front of it. The exit code is that of the service when it ends
// before it was ever ready.
int RunServe(const GatewayOptions& options, ShutdownSignal& shutdown);

// The command line of the service in `serve`.
std::vector<std::string> ServiceCommand(const GatewayOptions& options, const std::string& private_target);

}  // namespace verdict
