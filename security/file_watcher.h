#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace verdict {

// Loads files again when they have changed: looked at by their inode, size and times every interval, links followed, because that
// sees what Kubernetes does (a link that comes to point elsewhere) as well as an editor or a renamed file. Owned by main.
class FileWatcher {
 public:
  explicit FileWatcher(absl::Duration interval) : interval_(interval) {}
  ~FileWatcher();
  FileWatcher(const FileWatcher&) = delete;
  FileWatcher& operator=(const FileWatcher&) = delete;

  // Calls `load` now, and on the watcher's thread whenever one of the files has changed, and again at each interval while it
  // fails. An error leaves what was loaded before in use; each is logged once. `what` is for the log. Before Start. Error: that
  // of the first `load`, which is then forgotten.
  absl::Status Watch(std::string what, std::vector<std::string> paths, std::function<absl::Status()> load);

  // Begins to look, where there is anything to look at.
  void Start();

  // How often something was loaded again so far, and could not be; each try counts. From any thread.
  struct Reloads {
    uint64_t loaded = 0, failed = 0;
  };
  Reloads reloads() const { return {loaded_, failed_}; }

  // Looks once; for tests that have no Start.
  void Poll();

 private:
  struct Watched {
    std::string what;
    std::vector<std::string> paths;
    std::function<absl::Status()> load;
    std::string seen;     // what the files looked like when they were last loaded
    std::string failure;  // of the last load; empty: it succeeded
  };

  void Run();
  void Look(Watched& watched);

  const absl::Duration interval_;
  std::vector<Watched> watched_;
  std::atomic<uint64_t> loaded_ = 0, failed_ = 0;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool end_ = false;
  std::thread thread_;
};

}  // namespace verdict
