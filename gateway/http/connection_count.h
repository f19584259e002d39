#pragma once

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "absl/time/time.h"
#include "common/steady_clock.h"

namespace verdict {

// How many connections are open over all workers. Thread-safe.
class ConnectionCount {
 public:
  // Counts one more, unless there are `most` already.
  bool TryAdd(int most) {
    const std::lock_guard lock(mutex_);
    if (open_ >= most) return false;
    ++open_;
    return true;
  }

  void Remove() {
    const std::lock_guard lock(mutex_);
    if (--open_ == 0) none_.notify_all();
  }

  // Waits until none is open; false when `deadline` passed first.
  bool AwaitNone(absl::Time deadline) {
    const absl::Duration time = std::clamp(deadline - SteadyNow(), absl::ZeroDuration(), absl::Hours(24));
    std::unique_lock lock(mutex_);
    return none_.wait_for(lock, absl::ToChronoMilliseconds(time), [this] { return open_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable none_;
  int open_ = 0;
};

}  // namespace verdict
