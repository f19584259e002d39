#include "services/classifier/repository/background_tasks.h"

#include <memory>
#include <system_error>
#include <utility>

namespace verdict {

BackgroundTasks::~BackgroundTasks() {
  Close();
  for (Task& task : tasks_) task.thread.join();
}

void BackgroundTasks::JoinEnded() {
  tasks_.remove_if([](Task& task) {
    if (task.ended) task.thread.join();
    return task.ended;
  });
}

bool BackgroundTasks::Start(absl::AnyInvocable<void()>& task) {
  const std::lock_guard lock(mutex_);
  JoinEnded();
  if (closed_ || tasks_.size() >= most_) return false;
  Task& place = tasks_.emplace_back();
  auto work = std::make_shared<absl::AnyInvocable<void()>>(std::move(task));
  try {
    place.thread = std::thread([this, &place, work]() mutable {
      (*std::exchange(work, nullptr))();
      const std::lock_guard at_the_end(mutex_);
      place.ended = true;  // the last that this thread does here
    });
  } catch (const std::system_error&) {
    tasks_.pop_back();
    task = std::move(*work);
    return false;
  }
  return true;
}

bool BackgroundTasks::running() {
  const std::lock_guard lock(mutex_);
  JoinEnded();
  return !tasks_.empty();
}

void BackgroundTasks::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
}

}  // namespace verdict
