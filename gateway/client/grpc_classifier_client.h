#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "gateway/client/call_queue.h"
#include "gateway/client/classifier_client.h"
#include "gateway/client/metrics_client.h"
#include "gateway/client/service_connection.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "verdict/v1/classifier.grpc.pb.h"
#include "verdict/v1/metrics.grpc.pb.h"
#include "verdict/v1/models.grpc.pb.h"

namespace verdict {

// ClassifierClient over one gRPC channel. A service that is away is found again within half a second of its return; until then
// calls fail at once with kUnavailable and do not wait; of those that were sent and lost, WasLost says so. Message sizes are
// unlimited here: the gateway's own limits bound what goes out, and the service is trusted. The destructor cancels what is under
// way and waits until every `done` has returned, so it must not run inside one.
class GrpcClassifierClient : public ClassifierClient, public MetricsClient {
 public:
  // Connects when first used. When the certificates of the connection change, later calls go over a new channel.
  explicit GrpcClassifierClient(ServiceConnection connection) : connection_(std::move(connection)) {}
  explicit GrpcClassifierClient(const std::string& target) : GrpcClassifierClient(ServiceConnection{.target = target}) {}

  CancelCall Classify(ClassifyCall call, CallOptions options, Done done) override;
  void CheckHealth(absl::Time deadline, absl::AnyInvocable<void(absl::Status)> done) override;
  void QueryModels(ModelsQuery query, CallOptions options, ModelsDone done) override;
  void CollectMetrics(bool open_metrics, absl::Time deadline, MetricsDone done) override;

  // Asks whether the service's process is of use, apart from whether it is ready (grpc.health.v1, service "liveness"): OkStatus
  // also where it knows no such question; kFailedPrecondition when it says that it is stuck; else as CheckHealth.
  void CheckLive(absl::Time deadline, absl::AnyInvocable<void(absl::Status)> done);

 private:
  void AskHealth(const char* service, absl::Time deadline, absl::AnyInvocable<void(const grpc::Status&, bool serving)> done);

  // The stubs of one channel. Calls under way hold on to the channel themselves.
  struct Stubs {
    std::shared_ptr<grpc::Channel> channel;
    std::unique_ptr<v1::Classifier::Stub> classifier;
    std::unique_ptr<v1::Models::Stub> models;
    std::unique_ptr<grpc::health::v1::Health::Stub> health;
    std::unique_ptr<v1::Metrics::Stub> metrics;
  };
  std::shared_ptr<const Stubs> CurrentStubs();

  template <typename Rpc, typename Method>
  void Start(const std::shared_ptr<Rpc>& rpc, const CallOptions& options, Method method);

  const ServiceConnection connection_;
  std::mutex mutex_;
  std::shared_ptr<const Certificates> connected_with_;  // needs mutex_, as does the next
  std::shared_ptr<const Stubs> stubs_;
  CallQueue calls_;  // the first to go: its calls use the rest
};

}  // namespace verdict
