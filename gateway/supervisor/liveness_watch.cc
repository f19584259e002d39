#include "gateway/supervisor/liveness_watch.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/steady_clock.h"

namespace verdict {

// Shared with answers under way, which may outlive the watch.
struct LivenessWatch::State {
  std::mutex mutex;
  std::condition_variable changed;
  bool stopping = false;
  std::optional<absl::Status> answer;

  // Nothing: stopping.
  std::optional<absl::Status> AwaitAnswer() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return stopping || answer; });
    if (stopping) return std::nullopt;
    return std::exchange(answer, std::nullopt);
  }

  bool Pause(absl::Duration length) {
    std::unique_lock lock(mutex);
    return !changed.wait_for(lock, absl::ToChronoMilliseconds(length), [this] { return stopping; });
  }

  void Answer(absl::Status status) {
    const std::lock_guard lock(mutex);
    answer = std::move(status);
    changed.notify_all();
  }

  void Stop() {
    const std::lock_guard lock(mutex);
    stopping = true;
    changed.notify_all();
  }
};

LivenessWatch::LivenessWatch(Options options, Check check, Dead dead) : state_(std::make_shared<State>()) {
  thread_ = std::thread([state = state_, options, check = std::move(check), dead = std::move(dead)] {
    int misses = 0;
    do {
      check(SteadyNow() + options.interval, [state](absl::Status status) { state->Answer(std::move(status)); });
      const std::optional<absl::Status> answer = state->AwaitAnswer();
      if (!answer) return;
      misses = answer->code() == absl::StatusCode::kDeadlineExceeded ? misses + 1 : 0;
      if (misses == options.most_misses) {
        dead(absl::StrCat("it has answered no health check for ", absl::FormatDuration(misses * options.interval)));
        misses = 0;
      } else if (answer->code() == absl::StatusCode::kFailedPrecondition) {
        dead(std::string(answer->message()));
      }
      // A miss has taken its time already.
    } while (state->Pause(misses > 0 ? absl::ZeroDuration() : options.interval));
  });
}

LivenessWatch::~LivenessWatch() {
  state_->Stop();
  thread_.join();
}

}  // namespace verdict
