#pragma once

#include <sys/types.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace verdict {

// How a process ended.
struct ProcessEnd {
  int exit_code = 0;  // as a shell reports it: 128 + number after a signal
  int signal = 0;     // 0: it exited by itself

  std::string Describe() const;  // "exited with code 3", "was killed by signal 9 (Killed)"
};

// A process of ours: with our environment and output, nothing to read, no descriptor of ours but these, no signal blocked, in a
// process group of its own (so that Ctrl-C reaches it only through us), and killed by the kernel when the thread that spawned it
// ends. So the thread that spawns it has to wait for it, too.
class ChildProcess {
 public:
  struct Options {
    std::vector<std::string> command;  // the program's path, then its arguments
    bool reap_others = false;          // Wait collects every other child that ends: the duty of process 1
  };

  // Returns when the program runs. Errors: kNotFound and kPermissionDenied when it cannot be executed, kResourceExhausted when
  // the system has no room for a process.
  static absl::StatusOr<std::unique_ptr<ChildProcess>> Spawn(Options options);

  // Kills what is left of it.
  ~ChildProcess();

  pid_t pid() const { return pid_; }

  // Waits until it ends and kills what it left in its process group. For the thread that spawned it.
  ProcessEnd Wait();

  // Sends a signal, to the whole group when it is SIGKILL; does nothing once it has ended. From any thread.
  void Signal(int number);

 private:
  ChildProcess(pid_t pid, bool reap_others) : pid_(pid), reap_others_(reap_others) {}
  void AwaitEnd() const;

  const pid_t pid_;
  const bool reap_others_;
  std::mutex mutex_;
  bool reaped_ = false;  // the number may belong to somebody else from now on
};

}  // namespace verdict
