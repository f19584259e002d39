#pragma once

#include <memory>
#include <utility>

#include "grpcpp/grpcpp.h"
#include "security/access.h"

namespace verdict {

// Lets calls in or refuses them by the credentials in their metadata and connection: x-api-key, authorization, the client's
// certificate. Refusals are logged with the caller's name and why, never with the credential. Thread-safe.
class AccessGuard {
 public:
  explicit AccessGuard(std::shared_ptr<const Access> access) : access_(std::move(access)) {}

  // OK, or what the call ends with: UNAUTHENTICATED or PERMISSION_DENIED.
  grpc::Status Check(const grpc::CallbackServerContext& context, Role role) const;

  // Where the caller may, `begin` begins the call, else it ends at once.
  template <typename Begin>
  grpc::ServerUnaryReactor* Unary(grpc::CallbackServerContext& context, Role role, Begin begin) const {
    const grpc::Status status = Check(context, role);
    if (status.ok()) return begin();
    auto* const reactor = context.DefaultReactor();
    reactor->Finish(status);
    return reactor;
  }

 private:
  const std::shared_ptr<const Access> access_;
};

// A stream that ends before it begins. gRPC owns it until OnDone.
template <typename Request, typename Response>
class RefusedStream final : public grpc::ServerBidiReactor<Request, Response> {
 public:
  explicit RefusedStream(const grpc::Status& status) { this->Finish(status); }

 private:
  void OnDone() override { delete this; }
};

}  // namespace verdict
