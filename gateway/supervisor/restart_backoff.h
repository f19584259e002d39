#pragma once

#include <algorithm>

#include "absl/time/time.h"

namespace verdict {

// How long to wait before a process that died is started again: not at all the first time, then longer and longer; from the
// beginning again once it has lived for a while.
class RestartBackoff {
 public:
  struct Options {
    absl::Duration first = absl::Milliseconds(100);
    absl::Duration longest = absl::Seconds(5);
    absl::Duration stable_after = absl::Seconds(30);
  };

  explicit RestartBackoff(Options options) : options_(options) {}

  // The wait after a death; `lived` is how long the process ran.
  absl::Duration Next(absl::Duration lived) {
    if (lived >= options_.stable_after) next_ = absl::ZeroDuration();
    const absl::Duration wait = next_;
    next_ = wait == absl::ZeroDuration() ? options_.first : std::min(2 * wait, options_.longest);
    return wait;
  }

 private:
  const Options options_;
  absl::Duration next_ = absl::ZeroDuration();
};

}  // namespace verdict
