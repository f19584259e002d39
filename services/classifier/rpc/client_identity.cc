#include "services/classifier/rpc/client_identity.h"

#include "services/classifier/rpc/unary_call.h"

namespace verdict {

std::string_view WithoutPort(std::string_view peer) {
  if (!peer.starts_with("ipv4:") && !peer.starts_with("ipv6:")) return peer;
  return peer.substr(0, peer.rfind(':'));
}

ClientIdentity UncheckedClient(const grpc::CallbackServerContext& context) {
  const auto found = context.client_metadata().find(kClientIdKey);
  if (found != context.client_metadata().end()) {
    const std::string_view id(found->second.data(), found->second.size());
    if (IsRequestId(id)) return {.client = std::string(id)};
  }
  return {.client = AddressOf(context)};
}

std::string AddressOf(const grpc::CallbackServerContext& context) { return std::string(WithoutPort(context.peer())); }

}  // namespace verdict
