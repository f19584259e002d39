#include "process/cpu_limit.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>

namespace verdict {
namespace {

std::optional<double> ReadNumber(const std::filesystem::path& path) {
  std::ifstream file(path);
  double number;
  if (file >> number) return number;
  return std::nullopt;
}

std::optional<double> Ratio(std::optional<double> quota, std::optional<double> period) {
  if (!quota || !period || *quota <= 0 || *period <= 0) return std::nullopt;
  return *quota / *period;
}

}  // namespace

std::optional<double> CpuQuota(const std::filesystem::path& cgroup_root) {
  std::ifstream v2(cgroup_root / "cpu.max");
  std::string quota;
  double period;
  if (v2 >> quota >> period) {
    if (quota == "max") return std::nullopt;
    char* end = nullptr;
    const double value = std::strtod(quota.c_str(), &end);
    return *end == '\0' ? Ratio(value, period) : std::nullopt;
  }
  return Ratio(ReadNumber(cgroup_root / "cpu" / "cpu.cfs_quota_us"), ReadNumber(cgroup_root / "cpu" / "cpu.cfs_period_us"));
}

int AvailableProcessors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  int processors = 1;
  if (sched_getaffinity(0, sizeof(set), &set) == 0) processors = std::max(1, CPU_COUNT(&set));
  // Inside a container the mounted root is the container's own cgroup.
  if (const auto quota = CpuQuota("/sys/fs/cgroup")) processors = std::min(processors, static_cast<int>(std::ceil(*quota)));
  return std::max(1, processors);
}

}  // namespace verdict
