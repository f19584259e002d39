#pragma once

#include <string>

namespace verdict {

// A named pipe to which the processes of a test write what happens to them, a line each; so the test waits for events and not for
// time.
class EventPipe {
 public:
  EventPipe();
  ~EventPipe();
  EventPipe(const EventPipe&) = delete;

  const std::string& path() const { return path_; }
  const std::string& directory() const { return directory_; }

  void Write(const std::string& line);
  // The next line, or "(nothing)" after ten seconds.
  std::string Next();
  // Whether no line is waiting.
  bool Empty();

 private:
  bool ReadMore(int timeout_ms);

  std::string directory_;
  std::string path_;
  int fd_ = -1;
  std::string waiting_;
};

}  // namespace verdict
