#pragma once

#include <memory>

#include "gateway/client/classifier_client.h"
#include "telemetry/tracer.h"

namespace verdict {

// Gives every classification of the client beneath that is part of a recorded trace a client span, which the service's own is
// below. Others pass as they came. `tracer` outlives it.
class TracedClassifierClient final : public ClassifierClient {
 public:
  TracedClassifierClient(std::unique_ptr<ClassifierClient> client, Tracer& tracer)
      : tracer_(tracer), client_(std::move(client)) {}

  CancelCall Classify(ClassifyCall call, CallOptions options, Done done) override;
  void CheckHealth(absl::Time deadline, absl::AnyInvocable<void(absl::Status)> done) override {
    client_->CheckHealth(deadline, std::move(done));
  }
  void QueryModels(ModelsQuery query, CallOptions options, ModelsDone done) override {
    client_->QueryModels(std::move(query), std::move(options), std::move(done));
  }

 private:
  Tracer& tracer_;
  const std::unique_ptr<ClassifierClient> client_;  // the first to go: its calls use the rest
};

}  // namespace verdict
