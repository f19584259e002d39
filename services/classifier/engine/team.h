#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"

namespace verdict {

// Threads that share the tasks of one caller at a time: the caller's own and, for a team of more than one, workers of the team.
// Between the steps of a pass (Awake) the workers spin, for waking one costs as much as a step; without a pass they sleep.
class Team {
 public:
  // `threads` >= 1. Throws std::system_error where the process may have no more threads.
  explicit Team(int threads);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  // A pass of several steps.
  class Awake {
   public:
    explicit Awake(Team& team) : team_(team) { team_.awake_ = true; }
    ~Awake() { team_.awake_ = false; }
    Awake(const Awake&) = delete;
    Awake& operator=(const Awake&) = delete;

   private:
    Team& team_;
  };

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  // Calls `work(task, thread)` for the tasks 0 to `tasks` - 1, in any order, on threads 0 (the caller) to threads() - 1; returns
  // when all that were begun have ended. One caller at a time. `work` may throw std::bad_alloc and nothing else; the caller gets
  // it.
  using Work = absl::FunctionRef<void(int64_t task, int thread)>;
  void For(int64_t tasks, Work work);

 private:
  void End();
  void Help(int thread);
  void TakeTasks(int thread);
  void RunStep(int64_t first, int64_t tasks, Work work);

  std::vector<std::thread> workers_;
  const Work* work_ = nullptr;  // these two are written before a step begins
  int64_t first_ = 0;
  // The number of the step, how many tasks it has, and which is next (see team.cc). All three in one word: a worker that comes
  // late finds no task, or one of the step that runs, so that nobody has to wait for it.
  std::atomic<uint64_t> turn_{0};
  std::atomic<int64_t> done_{0};   // tasks of the step that have ended
  std::atomic<uint32_t> step_{0};  // rises when a step begins, or the team ends
  std::atomic<bool> out_of_memory_{false};
  std::atomic<bool> awake_{false};
  std::atomic<bool> stopping_{false};
};

}  // namespace verdict
