#include "gateway/supervisor/testing/event_pipe.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace verdict {

EventPipe::EventPipe() {
  char directory[] = "/tmp/verdict-events-XXXXXX";
  directory_ = mkdtemp(directory);
  path_ = directory_ + "/events";
  mkfifo(path_.c_str(), 0600);
  fd_ = open(path_.c_str(), O_RDWR | O_CLOEXEC);  // read and write: never at its end, never blocks a writer that opens it
}

EventPipe::~EventPipe() {
  close(fd_);
  unlink(path_.c_str());
  rmdir(directory_.c_str());
}

bool EventPipe::ReadMore(int timeout_ms) {
  pollfd ready{fd_, POLLIN, 0};
  if (poll(&ready, 1, timeout_ms) != 1) return false;
  char buffer[4096];
  const ssize_t size = read(fd_, buffer, sizeof(buffer));
  if (size <= 0) return false;
  waiting_.append(buffer, static_cast<size_t>(size));
  return true;
}

std::string EventPipe::Next() {
  size_t end;
  while ((end = waiting_.find('\n')) == std::string::npos) {
    if (!ReadMore(10'000)) return "(nothing)";
  }
  std::string line = waiting_.substr(0, end);
  waiting_.erase(0, end + 1);
  return line;
}

void EventPipe::Write(const std::string& line) {
  const std::string text = line + "\n";
  (void)!write(fd_, text.data(), text.size());
}

bool EventPipe::Empty() {
  while (ReadMore(0)) {
  }
  return waiting_.empty();
}

}  // namespace verdict
