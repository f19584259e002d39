#pragma once

#include <memory>
#include <string>
#include <vector>

#include "grpcpp/impl/service_type.h"
#include "services/classifier/rpc/access_guard.h"

namespace verdict {

// Server reflection, grpc.reflection.v1 and v1alpha, for these services; callers need Role::kDocs where callers are known. Ours
// rather than gRPC's plugin, which at version 1.51 has v1alpha alone and cannot be put behind a guard. `guard` outlives it.
std::vector<std::unique_ptr<grpc::Service>> MakeReflectionServices(const AccessGuard& guard, std::vector<std::string> services);

}  // namespace verdict
