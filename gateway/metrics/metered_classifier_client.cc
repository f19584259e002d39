#include "gateway/metrics/metered_classifier_client.h"

#include <utility>

#include "common/steady_clock.h"

namespace verdict {

CancelCall MeteredClassifierClient::Classify(ClassifyCall call, CallOptions options, Done done) {
  metrics_->OnCallBegun();
  return client_->Classify(std::move(call), std::move(options),
                           [this, began = SteadyNow(), done = std::move(done)](absl::StatusOr<ClassifyReply> reply) mutable {
                             metrics_->OnCall(reply.status(), SteadyNow() - began);
                             done(std::move(reply));
                           });
}

}  // namespace verdict
