#pragma once

#include <memory>

#include "gateway/client/service_connection.h"
#include "grpcpp/channel.h"

namespace verdict {

// A connection to verdict-service, made when first used and again whenever it is lost. With "dns:///name:port" for a target calls
// take turns over all addresses of the name. `certificates` are those of the connection now; null: it is plain.
std::shared_ptr<grpc::Channel> ConnectToService(const ServiceConnection& connection, const Certificates* certificates);

}  // namespace verdict
