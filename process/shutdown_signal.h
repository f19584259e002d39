#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "absl/time/time.h"

namespace verdict {

// Turns SIGTERM and SIGINT into a call. Construct in main before any other thread starts: the constructor blocks both signals,
// and threads inherit that. A second signal ends the process at once with status 128 + its number, unless it comes so soon after
// the first that both are one request (tools signal a process and its group).
class ShutdownSignal {
 public:
  // Signals that come within `one_request` of the first count as the first.
  explicit ShutdownSignal(absl::Duration one_request = absl::Milliseconds(200));
  ~ShutdownSignal();
  ShutdownSignal(const ShutdownSignal&) = delete;

  // Blocks until the first signal (or Trigger) and returns its number.
  int Wait();

  // The same, but for at most that long; 0 when there was none.
  int WaitFor(absl::Duration most);

  // Ends the process with status 0 at that time, whatever still runs then: for work that cannot be interrupted and need not be
  // finished. A process that ends earlier is none of this one's business.
  void EndBy(absl::Time time);

  // Ends Wait from another thread as if `signal` had come.
  void Trigger(int signal);

 private:
  void Run();
  int UntilEnd();  // in milliseconds, as poll takes them; ends the process when there are none

  const absl::Duration one_request_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int received_ = 0;  // guarded by mutex_
  std::atomic<bool> stopping_{false};
  absl::Time end_by_ = absl::InfiniteFuture();  // guarded by mutex_
  int wake_fd_ = -1;
  std::thread thread_;
};

}  // namespace verdict
