#include "gateway/client/delayed_calls.h"

#include <utility>

namespace verdict {

DelayedCalls::DelayedCalls() : thread_([this] { Run(); }) {}

void DelayedCalls::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void DelayedCalls::RunAfter(absl::Duration delay, Work work) {
  {
    std::unique_lock lock(mutex_);
    if (stopping_) {
      lock.unlock();
      return work();
    }
    waiting_.emplace(Clock::now() + absl::ToChronoNanoseconds(delay), std::move(work));
  }
  changed_.notify_all();
}

void DelayedCalls::Hurry() {
  {
    const std::lock_guard lock(mutex_);
    std::multimap<Clock::time_point, Work> now;
    for (auto& [time, work] : waiting_) now.emplace(Clock::time_point::min(), std::move(work));
    waiting_ = std::move(now);
  }
  changed_.notify_all();
}

void DelayedCalls::Run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (waiting_.empty()) {
      if (stopping_) return;
      changed_.wait(lock);
      continue;
    }
    const auto first = waiting_.begin();
    if (!stopping_ && first->first > Clock::now()) {
      changed_.wait_until(lock, Clock::time_point(first->first));  // a copy: the entry may be gone meanwhile
      continue;
    }
    Work work = std::move(first->second);
    waiting_.erase(first);
    lock.unlock();
    work();
    work = nullptr;
    lock.lock();
  }
}

}  // namespace verdict
