#pragma once

#include <functional>
#include <memory>
#include <thread>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"

namespace verdict {

// Asks again and again until the answer is yes for the first time, then says so once and is done.
class ReadinessProbe {
 public:
  // Asks; answers by calling the function, on any thread, by the deadline or soon after.
  using Check = std::function<void(absl::Time deadline, absl::AnyInvocable<void(absl::Status)> done)>;

  struct Options {
    absl::Duration interval = absl::Milliseconds(50);
    absl::Duration patience = absl::Seconds(2);  // per question
  };

  // `on_ready` runs on the probe's thread.
  ReadinessProbe(Options options, Check check, std::function<void()> on_ready);
  // Returns at once; an answer that comes later is dropped.
  ~ReadinessProbe();

 private:
  struct State;
  const std::shared_ptr<State> state_;
  std::thread thread_;
};

}  // namespace verdict
