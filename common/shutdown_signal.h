#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace verdict {

// Turns SIGTERM and SIGINT into a call. Construct in main before any other thread starts: the constructor blocks both signals,
// and threads inherit that. A second signal ends the process at once with status 128 + its number.
class ShutdownSignal {
 public:
  ShutdownSignal();
  ~ShutdownSignal();
  ShutdownSignal(const ShutdownSignal&) = delete;

  // Blocks until the first signal (or Trigger) and returns its number.
  int Wait();

  // Ends Wait from another thread as if `signal` had come.
  void Trigger(int signal);

 private:
  void Run();

  std::atomic<int> received_{0};
  std::atomic<bool> stopping_{false};
  int wake_fd_ = -1;
  std::thread thread_;
};

}  // namespace verdict
