#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"

namespace verdict {

// Threads on which the later steps of cascades begin, first come, first served. What waits is bounded by the requests that are
// under way. Thread-safe.
class StepThreads {
 public:
  // As many as the process may have, up to `threads`; with none of them tasks run where they are given.
  explicit StepThreads(int threads);
  // After all tasks.
  ~StepThreads();
  StepThreads(const StepThreads&) = delete;
  StepThreads& operator=(const StepThreads&) = delete;

  void Run(absl::AnyInvocable<void()> task);

 private:
  void RunTasks();

  std::mutex mutex_;
  std::condition_variable work_;
  std::deque<absl::AnyInvocable<void()>> tasks_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace verdict
