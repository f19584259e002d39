#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/logging.h"
#include "common/options.h"
#include "gateway/client/replicated_classifier_client.h"
#include "gateway/gateway.h"
#include "gateway/gateway_telemetry.h"
#include "gateway/service_credentials.h"
#include "security/options.h"

namespace verdict {

// What the operator has chosen, checked.
struct GatewayOptions {
  bool serve = false;  // supervise a service of our own
  Gateway::Options gateway;
  std::vector<std::string> service_addresses;
  ReplicatedClassifierClient::Options replication;
  absl::Duration lame_duck;
  absl::Duration drain_timeout;
  LogLevel log_level = LogLevel::kInfo;
  GatewayTelemetry::Options telemetry;
  SecurityFlags security;
  ServiceCredentialFlags service_credentials;

  // Of `serve`:
  std::string service_binary;
  std::vector<std::pair<std::string, std::string>> service_security;  // see SecurityVariables
  std::string grpc_listen;                                            // where the service listens for others; empty: nowhere
  std::vector<std::string> service_arguments;                         // after "--", as they are
};

struct ParsedOptions {
  OptionParser::Outcome outcome;
  GatewayOptions options = {};
  std::string effective = {};  // for the log: every option with its value,
  std::string sources = {};    // and where that came from; see OptionParser
};

// Reads the command line, the environment and the config file; neither exits nor prints.
ParsedOptions ParseGatewayOptions(int argc, const char* const* argv);

}  // namespace verdict
