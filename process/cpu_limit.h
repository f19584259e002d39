#pragma once

#include <filesystem>
#include <optional>

namespace verdict {

// Processors that this process may keep busy: those of its cpuset, or fewer where the quota of its cgroup (v2 cpu.max, v1
// cpu.cfs_quota_us) is smaller, rounded up. At least 1. hardware_concurrency() alone knows nothing of quotas, and a thread more
// than the quota pays for makes every thread wait.
int AvailableProcessors();

// The quota in processors under a cgroup file system, or nothing when there is none. For AvailableProcessors and its test.
std::optional<double> CpuQuota(const std::filesystem::path& cgroup_root);

}  // namespace verdict
