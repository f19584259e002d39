#include "services/classifier/engine/team.h"

#include <algorithm>
#include <chrono>
#include <new>

namespace verdict {
namespace {

// Without a pass: for steps that follow each other all the same.
constexpr std::chrono::microseconds kSpin(50);

// turn_ is step << 40 | tasks << 20 | next.
constexpr int kTaskBits = 20;
constexpr int kStepShift = 2 * kTaskBits;
constexpr int64_t kMostTasks = (1 << kTaskBits) - 1;
constexpr uint64_t kTaskMask = kMostTasks;

void Pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

}  // namespace

Team::Team(int threads) {
  try {
    for (int thread = 1; thread < threads; ++thread) workers_.emplace_back([this, thread] { Help(thread); });
  } catch (...) {  // no more threads for this process: those that run must end before they are destroyed
    End();
    throw;
  }
}

Team::~Team() { End(); }

void Team::End() {
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
  for (int64_t first = 0; first < tasks; first += kMostTasks) RunStep(first, std::min(kMostTasks, tasks - first), work);
  if (out_of_memory_.exchange(false)) throw std::bad_alloc();
}

void Team::RunStep(int64_t first, int64_t tasks, Work work) {
  work_ = &work;
  first_ = first;
  done_.store(0, std::memory_order_relaxed);
  const uint64_t number = turn_.load(std::memory_order_relaxed) >> kStepShift;
  turn_.store((number + 1) << kStepShift | static_cast<uint64_t>(tasks) << kTaskBits, std::memory_order_release);
  step_.fetch_add(1, std::memory_order_release);
  step_.notify_all();
  TakeTasks(0);
  for (int turn = 0; done_.load(std::memory_order_acquire) != tasks; ++turn) {
    // A worker may have lost its processor to another process.
    turn < 2000 ? Pause() : std::this_thread::yield();
  }
}

void Team::TakeTasks(int thread) {
  uint64_t turn = turn_.load(std::memory_order_acquire);
  for (;;) {
    const uint64_t next = turn & kTaskMask;
    if (next >= (turn >> kTaskBits & kTaskMask)) return;
    if (!turn_.compare_exchange_weak(turn, turn + 1, std::memory_order_acq_rel, std::memory_order_acquire)) continue;
    // The step cannot end before this task has.
    try {
      (*work_)(first_ + static_cast<int64_t>(next), thread);
    } catch (const std::bad_alloc&) {
      out_of_memory_ = true;
    }
    done_.fetch_add(1, std::memory_order_release);
    turn = turn_.load(std::memory_order_acquire);
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
  }
}

}  // namespace verdict
