#pragma once

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "grpcpp/grpcpp.h"
#include "security/access.h"
#include "security/pem_names.h"
#include "services/classifier/rpc/client_identity.h"

namespace verdict {

// Lets calls in or refuses them by the credentials in their metadata and connection: x-api-key, authorization, the client's
// certificate. Refusals are logged with the caller's name and why, never with the credential. Thread-safe.
class AccessGuard {
 public:
  explicit AccessGuard(std::shared_ptr<const Access> access) : access_(std::move(access)) {}

  struct Verdict {
    grpc::Status status;      // OK, or what the call ends with: UNAUTHENTICATED or PERMISSION_DENIED
    ClientIdentity identity;  // of a caller that is let in
  };
  Verdict Check(const grpc::CallbackServerContext& context, Role role) const;

  // Where the caller may, `begin` begins the call, and may take a ClientIdentity for it, else it ends at once.
  template <typename Begin>
  grpc::ServerUnaryReactor* Unary(grpc::CallbackServerContext& context, Role role, Begin begin) const {
    Verdict verdict = Check(context, role);
    if (!verdict.status.ok()) {
      auto* const reactor = context.DefaultReactor();
      reactor->Finish(verdict.status);
      return reactor;
    }
    if constexpr (std::is_invocable_v<Begin, ClientIdentity>) {
      return begin(std::move(verdict.identity));
    } else {
      return begin();
    }
  }

 private:
  // In the client's certificate; null where it shows none.
  std::shared_ptr<const std::vector<std::string>> NamesOfPeer(const grpc::CallbackServerContext& context) const;

  const std::shared_ptr<const Access> access_;
  const std::unique_ptr<PemNames> names_ = std::make_unique<PemNames>();
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
