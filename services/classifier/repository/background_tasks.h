#pragma once

#include <list>
#include <mutex>
#include <thread>

#include "absl/functional/any_invocable.h"

namespace verdict {

// A thread for each of a few long tasks, which nobody waits for until the end. Thread-safe.
class BackgroundTasks {
 public:
  // At most `most` at one time.
  explicit BackgroundTasks(size_t most) : most_(most) {}
  // Waits for the tasks that have begun.
  ~BackgroundTasks();
  BackgroundTasks(const BackgroundTasks&) = delete;
  BackgroundTasks& operator=(const BackgroundTasks&) = delete;

  // Starts a task, whose exceptions are its own matter. False, with the task left to the caller, when there are too many, no more
  // threads for this process, or Close was called.
  bool Start(absl::AnyInvocable<void()>& task);

  // Whether a task is under way.
  bool running();

  // Starts nothing any more.
  void Close();

 private:
  struct Task {
    std::thread thread;
    bool ended = false;
  };
  void JoinEnded();  // needs mutex_

  const size_t most_;
  std::mutex mutex_;
  bool closed_ = false;
  std::list<Task> tasks_;
};

}  // namespace verdict
