#pragma once

#include <string>
#include <string_view>

#include "grpcpp/grpcpp.h"

namespace verdict {

// Metadata in which a caller says on whose behalf it asks, as the gateway does; IsRequestId says what it may be.
inline constexpr char kClientIdKey[] = "x-client-id";

// Who asks.
struct ClientIdentity {
  std::string client;       // whose requests they are, for the sharing of the lanes
  std::string caller = {};  // whose credential the call has; empty: nobody is known
};

// Where callers are not asked for credentials: the client that x-client-id names, else the address of the peer without its port.
ClientIdentity UncheckedClient(const grpc::CallbackServerContext& context);

// The address of the peer, without its port.
std::string AddressOf(const grpc::CallbackServerContext& context);

// "ipv4:10.0.0.7:5123" without the port; what has none stays as it is.
std::string_view WithoutPort(std::string_view peer);

}  // namespace verdict
