#include "gateway/supervisor/readiness_probe.h"

#include <condition_variable>
#include <mutex>
#include <utility>

#include "common/steady_clock.h"

namespace verdict {

// Shared with answers under way, which may outlive the probe.
struct ReadinessProbe::State {
  std::mutex mutex;
  std::condition_variable changed;
  bool stopping = false;
  bool answered = false;
  bool ready = false;

  // False: stopping.
  bool AwaitAnswer() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return stopping || answered; });
    return !stopping;
  }

  bool Pause(absl::Duration length) {
    std::unique_lock lock(mutex);
    answered = false;
    return !changed.wait_for(lock, absl::ToChronoMilliseconds(length), [this] { return stopping; });
  }

  bool IsReady() {
    const std::lock_guard lock(mutex);
    return ready;
  }

  void Answer(bool yes) {
    const std::lock_guard lock(mutex);
    answered = true;
    ready = yes;
    changed.notify_all();
  }

  void Stop() {
    const std::lock_guard lock(mutex);
    stopping = true;
    changed.notify_all();
  }
};

ReadinessProbe::ReadinessProbe(Options options, Check check) : state_(std::make_shared<State>()) {
  thread_ = std::thread([state = state_, options, check = std::move(check)] {
    do {
      check(SteadyNow() + options.patience, [state](const absl::Status& status) { state->Answer(status.ok()); });
      if (!state->AwaitAnswer()) return;
      if (state->IsReady()) return;
    } while (state->Pause(options.interval));
  });
}

ReadinessProbe::~ReadinessProbe() {
  state_->Stop();
  thread_.join();
}

}  // namespace verdict
