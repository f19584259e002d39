#pragma once

#include <memory>
#include <string>

#include "grpcpp/channel.h"

namespace verdict {

// A connection to verdict-service, made when first used and again whenever it is lost. `target` as gRPC reads it: "host:port",
// "unix:/path", "unix-abstract:name"; with "dns:///name:port" calls take turns over all addresses of the name.
std::shared_ptr<grpc::Channel> ConnectToService(const std::string& target);

}  // namespace verdict
