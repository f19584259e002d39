#pragma once

#include <map>
#include <optional>
#include <string>

namespace verdict {

// Small files of the kernel's, in /proc and of cgroups, that are read again and again. Each stays open once it was read, so that
// a process that has no descriptor left still knows what they say. Not thread-safe.
class KeptFiles {
 public:
  KeptFiles() = default;
  ~KeptFiles();
  KeptFiles(const KeptFiles&) = delete;

  // All that the file says now. Nothing where there is none, or was none when that could last be found out, and where it cannot
  // be read, which failed() tells.
  std::optional<std::string> Read(const std::string& path);

  bool failed() const { return failed_; }  // since it was last forgotten
  void ForgetFailures() { failed_ = false; }

 private:
  int Open(const std::string& path);

  static constexpr int kNone = -1;
  std::map<std::string, int> descriptors_;  // kNone: there is no such file
  bool failed_ = false;
};

}  // namespace verdict
