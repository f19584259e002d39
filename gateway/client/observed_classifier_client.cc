#include "gateway/client/observed_classifier_client.h"

#include <utility>

namespace verdict {

ObservedClassifierClient::ObservedClassifierClient(std::unique_ptr<ClassifierClient> client, std::function<void()> on_success)
    : on_success_(std::move(on_success)), client_(std::move(client)) {}

CancelCall ObservedClassifierClient::Classify(ClassifyCall call, CallOptions options, Done done) {
  return client_->Classify(std::move(call), std::move(options),
                           [this, done = std::move(done)](absl::StatusOr<ClassifyReply> reply) mutable {
                             if (reply.ok()) on_success_();
                             done(std::move(reply));
                           });
}

void ObservedClassifierClient::CheckHealth(absl::Time deadline, absl::AnyInvocable<void(absl::Status)> done) {
  client_->CheckHealth(deadline, [this, done = std::move(done)](absl::Status health) mutable {
    if (health.ok()) on_success_();
    done(std::move(health));
  });
}

// Also answers while nothing is loaded, so it tells nothing of readiness.
void ObservedClassifierClient::QueryModels(ModelsQuery query, CallOptions options, ModelsDone done) {
  client_->QueryModels(std::move(query), std::move(options), std::move(done));
}

}  // namespace verdict
