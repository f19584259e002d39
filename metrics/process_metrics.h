#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "metrics/registry.h"

namespace verdict {

// What the kernel says of a process.
struct ProcessUse {
  double cpu_seconds = 0;
  int64_t threads = 0;
  int64_t virtual_bytes = 0;
  int64_t resident_bytes = 0;
  int64_t open_files = 0;
  double start_seconds = 0;  // since the Unix epoch
};

// Of the process that `proc`/self describes, a /proc; nothing where it cannot be read.
std::optional<ProcessUse> ReadProcessUse(const std::filesystem::path& proc);

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
