#include "gateway/http/output_backlog.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "common/logging.h"

namespace verdict {
namespace {

int OpenNameless(const std::string& folder) {
  const int fd = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0) return fd;
  std::string name = folder + "/verdict-XXXXXX";  // for file systems without nameless files
  const int named = mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) unlink(name.c_str());
  return named;
}

int OpenTemporary() {
  const char* const chosen = std::getenv("TMPDIR");
  if (chosen != nullptr && *chosen != '\0') {
    if (const int fd = OpenNameless(chosen); fd >= 0) return fd;
  }
  const int fd = OpenNameless("/tmp");
  if (fd < 0) LogWarning("no temporary file for an answer that its caller does not read yet", {{"error", std::strerror(errno)}});
  return fd;
}

}  // namespace

bool SpillUse::Take(uint64_t bytes, uint64_t most) {
  uint64_t used = used_;
  do {
    if (bytes > most || used > most - bytes) return false;
  } while (!used_.compare_exchange_weak(used, used + bytes));
  return true;
}

OutputBacklog::~OutputBacklog() {
  if (fd_ >= 0) close(fd_);
  GiveBack(held_);
}

void OutputBacklog::GiveBack(uint64_t bytes) {
  held_ -= bytes;
  limits_.use->GiveBack(bytes);
}

void OutputBacklog::Append(std::string_view bytes, bool may_spill) {
  memory_ += bytes;
  if (may_spill && full()) Spill();
}

void OutputBacklog::Spill() {
  if (no_file_ || failed_ || !limits_.use->Take(memory_.size(), limits_.file)) return;
  held_ += memory_.size();
  if (fd_ < 0) fd_ = OpenTemporary();
  size_t done = 0;
  int error = 0;
  while (fd_ >= 0 && done < memory_.size()) {
    const ssize_t size = pwrite(fd_, memory_.data() + done, memory_.size() - done, static_cast<off_t>(written_));
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) {
      error = errno;
      break;
    }
    done += static_cast<size_t>(size);
    written_ += static_cast<uint64_t>(size);
  }
  no_file_ = done < memory_.size();
  if (no_file_ && fd_ >= 0) {
    LogWarning("an answer that its caller does not read yet stays in memory: its temporary file takes no more",
               {{"error", std::strerror(error)}});
  }
  GiveBack(memory_.size() - done);
  memory_.erase(0, done);
  memory_.shrink_to_fit();
}

std::string OutputBacklog::Take(size_t most) {
  if (in_file() > 0) return TakeFromFile(most);
  std::string taken;
  if (memory_.size() <= most) {
    taken.swap(memory_);
  } else {
    taken = memory_.substr(0, most);
    memory_.erase(0, most);
  }
  return taken;
}

std::string OutputBacklog::TakeFromFile(size_t most) {
  std::string taken(std::min<uint64_t>(most, in_file()), '\0');
  const ssize_t size = pread(fd_, taken.data(), taken.size(), static_cast<off_t>(read_));
  if (size <= 0) {
    failed_ = true;
    return {};
  }
  taken.resize(static_cast<size_t>(size));
  // What has been read gives its place back; a file system that cannot do so keeps it until the file is read out.
  const bool punched = fallocate(fd_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(read_), size) == 0;
  if (punched) GiveBack(static_cast<uint64_t>(size));
  read_ += static_cast<uint64_t>(size);
  if (read_ == written_ && ftruncate(fd_, 0) == 0) {
    read_ = written_ = 0;
    GiveBack(held_);
  }
  return taken;
}

}  // namespace verdict
