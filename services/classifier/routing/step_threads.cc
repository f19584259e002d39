#include "services/classifier/routing/step_threads.h"

#include <system_error>
#include <utility>

namespace verdict {

StepThreads::StepThreads(int threads) {
  try {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { RunTasks(); });
  } catch (const std::system_error&) {  // fewer will do
  }
}

StepThreads::~StepThreads() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void StepThreads::Run(absl::AnyInvocable<void()> task) {
  if (threads_.empty()) return task();
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  work_.notify_one();
}

void StepThreads::RunTasks() {
  for (;;) {
    std::unique_lock lock(mutex_);
    work_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
    if (tasks_.empty()) return;
    absl::AnyInvocable<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
  }
}

}  // namespace verdict
