#pragma once

#include <memory>
#include <string>
#include <vector>

#include "grpcpp/impl/service_type.h"
#include "services/classifier/rpc/access_guard.h"

namespace verdict {

// Server reflection, grpc.reflection.v1 and v1alpha, for these services; callers need Role::kDocs where callers are known. Ours
// rather than gRPC's plugin, which at version 1.51 has v1alpha alone and cannot be put behind a guard. `guard` outlives it.
// Thread-safe.
class ReflectionServices {
 public:
  ReflectionServices(const AccessGuard& guard, std::vector<std::string> services);
  ~ReflectionServices();

  // One for each version of the protocol; as long as this.
  std::vector<grpc::Service*> all() const;

  // Ends every stream, also one begun later, UNAVAILABLE. Before the server shuts down, which waits for them: callers such as
  // grpcui keep theirs open.
  void Drain();

  class Streams;

 private:
  const std::shared_ptr<Streams> streams_;
  std::vector<std::unique_ptr<grpc::Service>> services_;
};

}  // namespace verdict
