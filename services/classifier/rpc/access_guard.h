#pragma once

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/time/time.h"
#include "grpcpp/grpcpp.h"
#include "security/access.h"
#include "security/peer_certificates.h"
#include "security/wall_clock.h"
#include "services/classifier/rpc/client_identity.h"

namespace verdict {

// Lets calls in or refuses them by the credentials in their metadata and connection: x-api-key, authorization, the client's
// certificate. Refusals are logged with the caller's name and why, never with the credential. Thread-safe.
class AccessGuard {
 public:
  // `now` tells the time of day.
  explicit AccessGuard(std::shared_ptr<const Access> access, std::function<absl::Time()> now = WallNow)
      : access_(std::move(access)), now_(std::move(now)) {}

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
  struct Peer {
    std::shared_ptr<const PeerCertificate> certificate = nullptr;  // null where the client shows none
    bool expired = false;  // it has, and the connection goes on with a session that was begun before
  };
  Peer PeerOf(const grpc::CallbackServerContext& context) const;

  const std::shared_ptr<const Access> access_;
  const std::function<absl::Time()> now_;
  const std::unique_ptr<PeerCertificates> certificates_ = std::make_unique<PeerCertificates>();
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
