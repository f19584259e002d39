#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>

#include "process/kept_files.h"

namespace verdict {

// Memory that a process may use, and how much of it is used, in bytes.
struct MemoryState {
  int64_t limit = 0;
  int64_t used = 0;  // what the kernel cannot take back: without the pages of files that it has only read

  int64_t left() const { return limit - used; }
};

// The tightest limit of the cgroups above a process: of its own and of all their parents the one with the least left; nothing
// when none is limited, or there are no cgroups. `root` is the cgroup file system and `membership` the content of
// /proc/self/cgroup. Reads version 2 (memory.max, memory.current) and version 1 (memory.limit_in_bytes, memory.usage_in_bytes,
// under memory/), through `files`, which tells what could not be read.
std::optional<MemoryState> CgroupMemory(const std::filesystem::path& root, const std::string& membership, KeptFiles& files);

// The memory of this machine, MemTotal and MemAvailable, from the content of /proc/meminfo; nothing when they are not in it.
std::optional<MemoryState> MachineMemory(const std::string& meminfo);

// Memory that this process holds and did not map from files, from the content of /proc/self/status; 0 when it is not in it.
int64_t ProcessMemory(const std::string& status);

// What this process may still use, asked again and again, also when it has no descriptor left. With `limit` > 0 that is the
// limit, and only this process counts; else whichever of the cgroups and the machine has less left. Thread-safe.
class MemoryMeter {
 public:
  explicit MemoryMeter(int64_t limit) : limit_(limit) {}

  // Now, or when it could last be read; nothing where it never could.
  std::optional<MemoryState> Read();

 private:
  std::optional<MemoryState> ReadNow();

  const int64_t limit_;
  std::mutex mutex_;
  KeptFiles files_;
  std::optional<MemoryState> last_;
};

// The same, asked once; without a limit where it cannot be read.
MemoryState CurrentMemory(int64_t limit);

}  // namespace verdict
