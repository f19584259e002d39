#pragma once

#include <dirent.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "metrics/registry.h"
#include "process/kept_files.h"

namespace verdict {

// What the kernel says of a process.
struct ProcessUse {
  double cpu_seconds = 0;
  int64_t threads = 0;
  int64_t virtual_bytes = 0;
  int64_t resident_bytes = 0;
  std::optional<int64_t> open_files = {};  // nothing: not told
  double start_seconds = 0;                // since the Unix epoch
};

// Reads it again and again, also when the process has no descriptor left. Thread-safe.
class ProcessMeter {
 public:
  // Of the process that `proc`/self describes, a /proc.
  explicit ProcessMeter(const std::filesystem::path& proc);

  // Nothing where it cannot be read.
  std::optional<ProcessUse> Read();

 private:
  using Folder = std::unique_ptr<DIR, int (*)(DIR*)>;
  std::optional<int64_t> CountFiles();

  const std::string stat_, folder_;
  std::mutex mutex_;
  KeptFiles files_;
  const double boot_seconds_;  // since the epoch, when the machine started; 0: not told
  Folder open_files_;          // kept open: what lists descriptors takes one
};

// Who the process is.
struct ProcessName {
  std::string process;  // "verdict-gateway", as in its log
  std::string version;
  int64_t memory_limit = 0;  // that an option sets, in bytes; 0: none but those of the cgroup and the machine
};

// Adds the metrics that every process has: process_*, as Prometheus' own client libraries name them, memory against its limit,
// and the version. All have the label `process`, for both of Verdict's may come in one answer.
void AddProcessMetrics(MetricRegistry& registry, const ProcessName& name);

}  // namespace verdict
