#pragma once

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "common/steady_clock.h"

namespace verdict {

// How many connections are open over all workers, and from each address. Thread-safe.
class ConnectionCount {
 public:
  struct Limits {
    int all = 0;
    int per_address = 0;  // 0: as many as there may be
  };

  explicit ConnectionCount(const Limits& limits) : limits_(limits) {}

  // Counts one more, unless there are as many as there may be.
  bool TryAdd(const std::string& address) {
    const std::lock_guard lock(mutex_);
    if (open_ >= limits_.all) return false;
    if (limits_.per_address > 0) {
      int& from_there = from_[address];
      if (from_there >= limits_.per_address) return false;
      ++from_there;
    }
    ++open_;
    return true;
  }

  // What TryAdd counted.
  void Remove(const std::string& address) {
    const std::lock_guard lock(mutex_);
    if (const auto found = from_.find(address); found != from_.end() && --found->second == 0) from_.erase(found);
    if (--open_ == 0) none_.notify_all();
  }

  // Waits until none is open; false when `deadline` passed first.
  bool AwaitNone(absl::Time deadline) {
    const absl::Duration time = std::clamp(deadline - SteadyNow(), absl::ZeroDuration(), absl::Hours(24));
    std::unique_lock lock(mutex_);
    return none_.wait_for(lock, absl::ToChronoMilliseconds(time), [this] { return open_ == 0; });
  }

 private:
  const Limits limits_;
  std::mutex mutex_;
  std::condition_variable none_;
  int open_ = 0;
  absl::flat_hash_map<std::string, int> from_;  // where addresses have a limit
};

}  // namespace verdict
