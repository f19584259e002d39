#pragma once

#include <string>
#include <vector>

#include "common/options.h"
#include "gateway/client/replicated_classifier_client.h"

namespace verdict {

// How the gateway reaches verdict-service, in the types that the parser fills.
struct ServiceFlags {
  std::vector<std::string> addresses = {"127.0.0.1:50051"};
  int retry_ms = 10'000;
  int silent_ms = 5'000;
};

void DeclareServiceOptions(OptionParser& parser, ServiceFlags& flags);

ReplicatedClassifierClient::Options ReplicationOf(const ServiceFlags& flags);

}  // namespace verdict
