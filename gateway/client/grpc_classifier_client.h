#pragma once

#include <memory>
#include <string>

#include "gateway/client/call_queue.h"
#include "gateway/client/classifier_client.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "verdict/v1/classifier.grpc.pb.h"
#include "verdict/v1/models.grpc.pb.h"

namespace verdict {

// ClassifierClient over one gRPC channel. A service that is away is found again within half a second of its return; until then
// calls fail at once with kUnavailable and do not wait; of those that were sent and lost, WasLost says so. Message sizes are
// unlimited here: the gateway's own limits bound what goes out, and the service is trusted. The destructor cancels what is under
// way and waits until every `done` has returned, so it must not run inside one.
class GrpcClassifierClient : public ClassifierClient {
 public:
  // `target` as ConnectToService reads it. Connects when first used.
  explicit GrpcClassifierClient(const std::string& target);

  CancelCall Classify(ClassifyCall call, CallOptions options, Done done) override;
  void CheckHealth(absl::Time deadline, absl::AnyInvocable<void(absl::Status)> done) override;
  void QueryModels(ModelsQuery query, CallOptions options, ModelsDone done) override;

  // Asks whether the service's process is of use, apart from whether it is ready (grpc.health.v1, service "liveness"): OkStatus
  // also where it knows no such question; kFailedPrecondition when it says that it is stuck; else as CheckHealth.
  void CheckLive(absl::Time deadline, absl::AnyInvocable<void(absl::Status)> done);

 private:
  void AskHealth(const char* service, absl::Time deadline, absl::AnyInvocable<void(const grpc::Status&, bool serving)> done);

  template <typename Rpc, typename Method>
  void Start(const std::shared_ptr<Rpc>& rpc, const CallOptions& options, Method method);

  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<v1::Classifier::Stub> classifier_;
  const std::unique_ptr<v1::Models::Stub> models_;
  const std::unique_ptr<grpc::health::v1::Health::Stub> health_;
  CallQueue calls_;  // the first to go: its calls use the rest

  explicit GrpcClassifierClient(const std::shared_ptr<grpc::Channel>& channel);
};

}  // namespace verdict
