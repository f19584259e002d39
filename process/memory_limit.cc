#include "process/memory_limit.h"

#include <algorithm>
#include <limits>
#include <sstream>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

namespace verdict {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kKibibyte = 1024;

// Version 1 writes "no limit" as the largest multiple of a page.
constexpr int64_t kUnlimited = int64_t{1} << 60;

// Where a version of the cgroups keeps its numbers.
struct Names {
  const char* limit;
  const char* used;
  std::vector<std::string> reclaimable;  // members of memory.stat: files that were read, not tmpfs, which lies in memory alone
};
const Names& VersionTwo() {
  static const Names kNames{"memory.max", "memory.current", {"active_file", "inactive_file"}};
  return kNames;
}
const Names& VersionOne() {
  static const Names kNames{"memory.limit_in_bytes", "memory.usage_in_bytes", {"total_active_file", "total_inactive_file"}};
  return kNames;
}

std::optional<int64_t> ReadNumber(const fs::path& path, KeptFiles& files) {
  std::istringstream text(files.Read(path.string()).value_or(""));
  int64_t number = 0;
  if (text >> number) return number;
  return std::nullopt;
}

// The number after `name` in lines of the form "name 123" or "name: 123 kB".
std::optional<int64_t> Member(const std::string& text, const std::string& name) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word;
    int64_t number = 0;
    if (words >> word >> number && (word == name || word == name + ":")) return number;
  }
  return std::nullopt;
}

std::optional<MemoryState> ReadCgroup(const fs::path& folder, const Names& names, KeptFiles& files) {
  const auto limit = ReadNumber(folder / names.limit, files);  // "max" is no number
  const auto used = ReadNumber(folder / names.used, files);
  if (!limit || !used || *limit <= 0 || *limit >= kUnlimited) return std::nullopt;
  MemoryState state{.limit = *limit, .used = *used};
  const std::string stat = files.Read((folder / "memory.stat").string()).value_or("");
  for (const std::string& name : names.reclaimable) state.used -= Member(stat, name).value_or(0);
  state.used = std::max<int64_t>(state.used, 0);
  return state;
}

// The path of this process below `top`: the last field of "0::/path" or "4:cpu,memory:/path".
std::string PathOf(const std::string& membership, bool version_two) {
  for (const absl::string_view line : absl::StrSplit(membership, '\n')) {
    const std::vector<std::string> fields = absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (fields.size() != 3) continue;
    const std::vector<std::string> controllers = absl::StrSplit(fields[1], ',');
    const bool wanted = version_two ? fields[0] == "0" && fields[1].empty()
                                    : std::find(controllers.begin(), controllers.end(), "memory") != controllers.end();
    if (wanted) return fields[2];
  }
  return "/";
}

bool HasLess(const std::optional<MemoryState>& a, const std::optional<MemoryState>& b) {
  return a && (!b || a->left() < b->left());
}

// Inside a container the mounted root is the container's own cgroup, and the path may be that of the host: what is not there has
// no limit to read.
std::optional<MemoryState> Tightest(const fs::path& top, const std::string& below, const Names& names, KeptFiles& files) {
  std::optional<MemoryState> tightest;
  fs::path relative = fs::path(below).relative_path().lexically_normal();
  if (absl::StartsWith(relative.string(), "..")) relative.clear();
  for (;; relative = relative.parent_path()) {
    const auto state = ReadCgroup(relative.empty() ? top : top / relative, names, files);
    if (HasLess(state, tightest)) tightest = state;
    if (relative.empty()) return tightest;
  }
}

}  // namespace

std::optional<MemoryState> CgroupMemory(const fs::path& root, const std::string& membership, KeptFiles& files) {
  const auto two = Tightest(root, PathOf(membership, true), VersionTwo(), files);
  const auto one = Tightest(root / "memory", PathOf(membership, false), VersionOne(), files);
  return HasLess(one, two) ? one : two;
}

std::optional<MemoryState> MachineMemory(const std::string& meminfo) {
  const auto total = Member(meminfo, "MemTotal"), available = Member(meminfo, "MemAvailable");
  if (!total || !available) return std::nullopt;
  return MemoryState{.limit = *total * kKibibyte, .used = (*total - *available) * kKibibyte};
}

int64_t ProcessMemory(const std::string& status) {
  return (Member(status, "RssAnon").value_or(0) + Member(status, "RssShmem").value_or(0)) * kKibibyte;
}

std::optional<MemoryState> MemoryMeter::ReadNow() {
  if (limit_ > 0) {
    const auto status = files_.Read("/proc/self/status");
    if (!status) return std::nullopt;
    return MemoryState{.limit = limit_, .used = ProcessMemory(*status)};
  }
  const auto cgroup = CgroupMemory("/sys/fs/cgroup", files_.Read("/proc/self/cgroup").value_or(""), files_);
  const auto machine = MachineMemory(files_.Read("/proc/meminfo").value_or(""));
  return HasLess(cgroup, machine) ? cgroup : machine;
}

std::optional<MemoryState> MemoryMeter::Read() {
  const std::lock_guard lock(mutex_);
  files_.ForgetFailures();
  const auto now = ReadNow();
  if (now && !files_.failed()) last_ = now;
  return last_;
}

MemoryState CurrentMemory(int64_t limit) {
  const MemoryState unknown{.limit = limit > 0 ? limit : std::numeric_limits<int64_t>::max(), .used = 0};
  return MemoryMeter(limit).Read().value_or(unknown);
}

}  // namespace verdict
