#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/steady_clock.h"
#include "gateway/client/classifier_client.h"
#include "gateway/lifecycle.h"

namespace verdict {

// Tells whether the process of the service runs, where that is known better than by asking the service.
using ProcessState = std::function<absl::Status()>;

// What handlers need of the service. Copied into each; `client` outlives them.
struct ServiceAccess {
  ClassifierClient& client;
  ProcessState process = {};                           // may be empty
  absl::Duration request_timeout = absl::Seconds(60);  // the most that a classification may take
  std::shared_ptr<Lifecycle> lifecycle = std::make_shared<Lifecycle>();

  // Whether requests are welcome: the service serves, and the gateway is not about to end.
  void CheckHealth(absl::AnyInvocable<void(absl::Status)> done) const {
    if (lifecycle->leaving()) return done(absl::UnavailableError("the gateway is shutting down"));
    CheckService(std::move(done));
  }

  // Whether the service serves, asked each time: a probe that answers from memory tells what was. Answers within the two seconds
  // that SageMaker waits. `done` runs once, on any thread, possibly before this returns.
  void CheckService(absl::AnyInvocable<void(absl::Status)> done) const {
    if (absl::Status state = process ? process() : absl::OkStatus(); !state.ok()) return done(std::move(state));
    auto tell = [state = lifecycle, done = std::move(done)](absl::Status health) mutable {
      if (health.ok()) state->SeeServing();
      done(std::move(health));
    };
    client.CheckHealth(SteadyNow() + absl::Milliseconds(1500), std::move(tell));
  }
};

}  // namespace verdict
