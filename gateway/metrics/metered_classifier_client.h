#pragma once

#include <memory>

#include "gateway/client/classifier_client.h"
#include "gateway/metrics/gateway_metrics.h"

namespace verdict {

// Counts the calls of the client beneath.
class MeteredClassifierClient final : public ClassifierClient {
 public:
  MeteredClassifierClient(std::unique_ptr<ClassifierClient> client, std::shared_ptr<GatewayMetrics> metrics)
      : metrics_(std::move(metrics)), client_(std::move(client)) {}

  CancelCall Classify(ClassifyCall call, CallOptions options, Done done) override;
  void CheckHealth(absl::Time deadline, absl::AnyInvocable<void(absl::Status)> done) override {
    client_->CheckHealth(deadline, std::move(done));
  }
  void QueryModels(ModelsQuery query, CallOptions options, ModelsDone done) override {
    client_->QueryModels(std::move(query), std::move(options), std::move(done));
  }

 private:
  const std::shared_ptr<GatewayMetrics> metrics_;
  const std::unique_ptr<ClassifierClient> client_;  // the first to go: it waits for its calls, which use the rest
};

}  // namespace verdict
