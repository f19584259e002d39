#pragma once

#include <functional>
#include <memory>

#include "gateway/client/classifier_client.h"

namespace verdict {

// Tells `on_success` of every success of the client beneath, before the caller learns of it. `on_success` runs on any thread.
class ObservedClassifierClient : public ClassifierClient {
 public:
  ObservedClassifierClient(std::unique_ptr<ClassifierClient> client, std::function<void()> on_success);

  CancelCall Classify(ClassifyCall call, CallOptions options, Done done) override;
  void CheckHealth(absl::Time deadline, absl::AnyInvocable<void(absl::Status)> done) override;
  void QueryModels(ModelsQuery query, CallOptions options, ModelsDone done) override;

 private:
  const std::function<void()> on_success_;
  const std::unique_ptr<ClassifierClient> client_;  // the first to go: it waits for its calls, which use the rest
};

}  // namespace verdict
