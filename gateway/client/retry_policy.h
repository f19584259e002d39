#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "absl/time/time.h"

namespace verdict {

struct RetryOptions {
  // For so long after the service was last seen serving, calls that it could not take wait for its return. It covers a restart; a
  // service that is away for longer costs its callers no time. Zero: nothing is tried again.
  absl::Duration bridge = absl::Seconds(10);
  // How often one call may be lost: sent, and never answered, because the process or the connection ended. A text that kills the
  // service shall not kill it for ever.
  int most_lost = 2;
  absl::Duration first_pause = absl::Milliseconds(20);  // then twice as long each time
  absl::Duration longest_pause = absl::Milliseconds(250);
};

// Calls tried again, for metrics. Each counts once for every further try.
struct RetryCounters {
  std::atomic<uint64_t> not_taken{0};    // the service was not reached, or refused because it was starting or ending
  std::atomic<uint64_t> lost{0};         // the connection broke while the service had the call
  std::atomic<uint64_t> given_up{0};     // calls that failed although they were tried again
  std::atomic<uint64_t> over_budget{0};  // calls that were not tried again because too many were
  std::atomic<uint64_t> silenced{0};     // calls taken from a replica that has stopped answering
};

// Bounds what lost calls may add to the load, as in "Addressing Cascading Failures" of Google's SRE book: tries are paid for by
// calls that succeed, ten for one, beyond what a restart under full load takes. Thread-safe.
class RetryBudget {
 public:
  static constexpr int kMost = 1000;

  bool Take() {
    int tenths = tenths_.load();
    while (tenths >= 10) {
      if (tenths_.compare_exchange_weak(tenths, tenths - 10)) return true;
    }
    return false;
  }
  void Earn() {
    if (tenths_.load(std::memory_order_relaxed) < kMost * 10) ++tenths_;
  }

 private:
  std::atomic<int> tenths_{kMost * 10};
};

// How long to wait before the next try: `pauses` waits have been.
inline absl::Duration PauseAfter(const RetryOptions& options, int pauses) {
  return std::min(options.longest_pause, options.first_pause * (1 << std::min(pauses, 16)));
}

}  // namespace verdict
