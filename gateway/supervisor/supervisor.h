#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gateway/supervisor/child_process.h"
#include "gateway/supervisor/restart_backoff.h"

namespace verdict {

// Keeps verdict-service running. A service that dies is started again; one that ends before it was ever ready is given up,
// because its model directory or its flags will not get better. Thread-safe.
class Supervisor {
 public:
  struct Options {
    std::vector<std::string> command;
    RestartBackoff::Options backoff = {};
    bool reap_others = false;  // see ChildProcess
  };

  // `give_up(exit_code)` is called at most once, when the service cannot be had; the code is not 0. It runs on the supervisor's
  // thread and must not call back into it.
  Supervisor(Options options, std::function<void(int)> give_up);
  ~Supervisor();  // stops at once

  void Start();

  // The service has answered: from now on its death is an accident. May be called again and again.
  void MarkReady();

  // The service is of no use any more: kills its process, so that it is started again. Does nothing while none runs.
  void Replace(const std::string& why);

  // OkStatus while a process runs, which need not be ready; else kUnavailable with what happened.
  absl::Status State() const;

  // How often a service that had been ready was started again.
  int restarts() const { return restarts_; }

  // Asks the service to end (SIGTERM) and waits; kills it at `deadline`. Returns whether it ended by itself. Nothing is started
  // after.
  bool Stop(absl::Time deadline);

 private:
  void Run();
  // The new child, or nothing when none is to run any more.
  ChildProcess* SpawnChild();
  absl::StatusOr<ChildProcess*> TrySpawn();
  void Ended(std::string how, int exit_code, absl::Duration lived);

  const Options options_;
  const std::function<void(int)> give_up_;
  RestartBackoff backoff_;

  std::atomic<int> restarts_ = 0;
  mutable std::mutex mutex_;  // guards all below but the thread
  std::condition_variable changed_;
  std::unique_ptr<ChildProcess> child_;
  std::string killed_because_;  // of the child that runs, or has just ended
  absl::Status state_;
  absl::Time began_;
  bool ever_ready_ = false;
  bool stopping_ = false;
  bool given_up_ = false;
  bool finished_ = false;
  std::thread thread_;
};

}  // namespace verdict
