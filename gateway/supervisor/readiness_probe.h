#pragma once

#include <functional>
#include <memory>
#include <thread>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"

namespace verdict {

// Asks again and again until the answer is yes for the first time, so that somebody does who has no caller's patience.
class ReadinessProbe {
 public:
  // Asks; answers by calling the function, on any thread, by the deadline or soon after.
  using Check = std::function<void(absl::Time deadline, absl::AnyInvocable<void(absl::Status)> done)>;

  struct Options {
    absl::Duration interval = absl::Milliseconds(50);
    absl::Duration patience = absl::Seconds(2);  // per question
  };

  ReadinessProbe(Options options, Check check);
  // Returns at once; an answer that comes later is dropped.
  ~ReadinessProbe();

 private:
  struct State;
  const std::shared_ptr<State> state_;
  std::thread thread_;
};

}  // namespace verdict
