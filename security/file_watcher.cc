#include "security/file_watcher.h"

#include <sys/stat.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/logging.h"

namespace verdict {
namespace {

std::string LooksOf(const std::vector<std::string>& paths) {
  std::string looks;
  for (const std::string& path : paths) {
    struct stat found = {};
    if (stat(path.c_str(), &found) != 0) {
      looks += "none;";
      continue;
    }
    absl::StrAppend(&looks, found.st_dev, ":", found.st_ino, ":", found.st_size, ":", found.st_mtim.tv_sec, ".",
                    found.st_mtim.tv_nsec, ":", found.st_ctim.tv_sec, ".", found.st_ctim.tv_nsec, ";");
  }
  return looks;
}

}  // namespace

FileWatcher::~FileWatcher() {
  {
    const std::lock_guard lock(mutex_);
    end_ = true;
  }
  ended_.notify_all();
  if (thread_.joinable()) thread_.join();
}

absl::Status FileWatcher::Watch(std::string what, std::vector<std::string> paths, std::function<absl::Status()> load) {
  std::string looks = LooksOf(paths);  // before they are read: what changes meanwhile is seen later
  if (absl::Status status = load(); !status.ok()) return status;
  watched_.push_back({std::move(what), std::move(paths), std::move(load), std::move(looks), {}});
  return absl::OkStatus();
}

void FileWatcher::Start() {
  if (!watched_.empty()) thread_ = std::thread([this] { Run(); });
}

void FileWatcher::Run() {
  std::unique_lock lock(mutex_);
  while (!ended_.wait_for(lock, absl::ToChronoMilliseconds(interval_), [this] { return end_; })) {
    lock.unlock();
    Poll();
    lock.lock();
  }
}

void FileWatcher::Poll() {
  for (Watched& watched : watched_) Look(watched);
}

void FileWatcher::Look(Watched& watched) {
  std::string looks = LooksOf(watched.paths);
  if (looks == watched.seen && watched.failure.empty()) return;
  watched.seen = std::move(looks);
  const absl::Status status = watched.load();
  if (status.ok()) {
    watched.failure.clear();
    ++loaded_;
    return LogInfo("loaded again", {{"what", watched.what}});
  }
  ++failed_;
  std::string failure(status.message());
  if (failure == watched.failure) return;
  LogWarning("cannot be loaded again; what was loaded before stays in use", {{"what", watched.what}, {"error", failure}});
  watched.failure = std::move(failure);
}

}  // namespace verdict
