#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"

namespace verdict {

// Runs work later, on a thread of its own, one after the other. Thread-safe.
class DelayedCalls {
 public:
  using Work = absl::AnyInvocable<void()>;

  DelayedCalls();
  ~DelayedCalls() { Stop(); }
  DelayedCalls(const DelayedCalls&) = delete;

  // Runs what still waits, at once; the thread is gone when this returns, and later work runs on who orders it.
  void Stop();

  // The work must not block. It may come back for more.
  void RunAfter(absl::Duration delay, Work work);

  // Runs what waits now without waiting longer.
  void Hurry();

 private:
  using Clock = std::chrono::steady_clock;  // a clock that is set shall move nothing

  void Run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<Clock::time_point, Work> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace verdict
