#include "services/classifier/engine/team.h"

#include <chrono>

namespace verdict {
namespace {

// Without a pass: for steps that follow each other all the same.
constexpr std::chrono::microseconds kSpin(50);

void Pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

}  // namespace

Team::Team(int threads) {
  for (int thread = 1; thread < threads; ++thread) workers_.emplace_back([this, thread] { Help(thread); });
}

Team::~Team() {
  stopping_ = true;
  ++step_;
  step_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void Team::For(int64_t tasks, Work work) {
  if (workers_.empty() || tasks <= 1) {
    for (int64_t task = 0; task < tasks; ++task) work(task, 0);
    return;
  }
  work_ = &work;
  tasks_ = tasks;
  next_.store(0, std::memory_order_relaxed);
  busy_.store(static_cast<int>(workers_.size()), std::memory_order_relaxed);
  step_.fetch_add(1, std::memory_order_release);
  step_.notify_all();
  TakeTasks(0);
  for (int turn = 0; busy_.load(std::memory_order_acquire) != 0; ++turn) {
    // A worker may have lost its processor to another process.
    turn < 2000 ? Pause() : std::this_thread::yield();
  }
}

void Team::TakeTasks(int thread) {
  for (;;) {
    const int64_t task = next_.fetch_add(1, std::memory_order_relaxed);
    if (task >= tasks_) return;
    (*work_)(task, thread);
  }
}

void Team::Help(int thread) {
  uint32_t seen = 0;
  for (;;) {
    const auto begin = std::chrono::steady_clock::now();
    while (step_.load(std::memory_order_acquire) == seen) {
      Pause();
      if (awake_.load(std::memory_order_relaxed)) continue;
      if (std::chrono::steady_clock::now() - begin > kSpin) step_.wait(seen, std::memory_order_acquire);
    }
    seen = step_.load(std::memory_order_acquire);
    if (stopping_) return;
    TakeTasks(thread);
    busy_.fetch_sub(1, std::memory_order_release);
  }
}

}  // namespace verdict
