#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"

namespace verdict {

// Asks a service again and again whether it lives, and says so when it does not: when it has answered several questions in a row
// with nothing, or when it says itself that it is stuck. A service that cannot be reached at all is not its business: its process
// is starting, or has ended, and that is seen otherwise.
class LivenessWatch {
 public:
  // Asks; answers by calling the function, on any thread, by the deadline or soon after: OkStatus, kFailedPrecondition when the
  // service says that it is stuck, kDeadlineExceeded when nothing came, anything else when it cannot be reached.
  using Check = std::function<void(absl::Time deadline, absl::AnyInvocable<void(absl::Status)> done)>;
  using Dead = std::function<void(const std::string& why)>;

  struct Options {
    absl::Duration interval = absl::Seconds(1);  // between two questions, and the patience for an answer
    int most_misses = 5;
  };

  // `dead` runs on the watch's thread, once for each time that the service stops living.
  LivenessWatch(Options options, Check check, Dead dead);
  // Returns at once; an answer that comes later is dropped.
  ~LivenessWatch();

 private:
  struct State;
  const std::shared_ptr<State> state_;
  std::thread thread_;
};

}  // namespace verdict
