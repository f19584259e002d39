#include "metrics/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>
#include <system_error>
#include <vector>

#include "common/logging.h"
#include "common/memory_limit.h"

namespace verdict {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Seconds since the epoch at which the machine started; 0: not told.
double BootTime(const fs::path& proc) {
  std::istringstream lines(ReadFile(proc / "stat"));
  std::string name;
  double value = 0;
  while (lines >> name) {
    if (name == "btime" && lines >> value) return value;
    lines.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return 0;
}

int64_t CountFiles(const fs::path& directory) {
  std::error_code error;
  int64_t count = 0;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) ++count;
  return std::max<int64_t>(count - 1, 0);  // the one through which they are read
}

double MostFiles() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return std::numeric_limits<double>::infinity();
  return static_cast<double>(limit.rlim_cur);
}

// Registers gauges that all have the process as their label.
class Adder {
 public:
  Adder(MetricRegistry& registry, std::string process) : registry_(registry), process_(std::move(process)) {}

  std::shared_ptr<Gauge> operator()(const std::string& name, const std::string& help, MetricType type = MetricType::kGauge) {
    return registry_.Add<Gauge>({.name = name, .type = type, .help = help, .labels = {"process"}}).With({process_});
  }

 private:
  MetricRegistry& registry_;
  const std::string process_;
};

}  // namespace

std::optional<ProcessUse> ReadProcessUse(const fs::path& proc) {
  const std::string stat = ReadFile(proc / "self/stat");
  const size_t name_end = stat.rfind(')');  // the name may hold anything
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream words(stat.substr(name_end + 1));
  // proc(5) counts from 1, and the name is the second.
  constexpr size_t kFirst = 3, kUserTime = 14, kSystemTime = 15, kThreads = 20, kStart = 22, kVirtual = 23, kResident = 24;
  const std::vector<std::string> fields{std::istream_iterator<std::string>(words), {}};
  if (fields.size() <= kResident - kFirst) return std::nullopt;
  const auto field = [&](size_t number) { return std::strtod(fields[number - kFirst].c_str(), nullptr); };
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  ProcessUse use;
  use.cpu_seconds = (field(kUserTime) + field(kSystemTime)) / ticks;
  use.threads = static_cast<int64_t>(field(kThreads));
  use.virtual_bytes = static_cast<int64_t>(field(kVirtual));
  use.resident_bytes = static_cast<int64_t>(field(kResident)) * sysconf(_SC_PAGESIZE);
  use.open_files = CountFiles(proc / "self/fd");
  use.start_seconds = BootTime(proc) + field(kStart) / ticks;
  return use;
}

void AddProcessMetrics(MetricRegistry& registry, const ProcessName& name) {
  registry
      .Add<Gauge>({.name = "verdict_build_info",
                   .type = MetricType::kGauge,
                   .help = "Always 1; the version is a label",
                   .labels = {"process", "version"}})
      .With({name.process, name.version})
      ->Set(1);
  Adder add(registry, name.process);
  const auto cpu = add("process_cpu_seconds_total", "User and system time of the process", MetricType::kCounter);
  const auto resident =
      add("process_resident_memory_bytes", "Resident memory, with the pages of mapped files that are in memory");
  const auto virtual_memory = add("process_virtual_memory_bytes", "Address space");
  const auto files = add("process_open_fds", "Open file descriptors");
  const auto most_files = add("process_max_fds", "Most file descriptors that the process may have");
  const auto threads = add("process_threads", "Threads");
  const auto start = add("process_start_time_seconds", "When the process was started, in seconds since the Unix epoch");
  const auto used = add(
      "verdict_memory_used_bytes",
      "Memory that counts against the limit of the process: of the option, the cgroup or the machine, without what the kernel "
      "can take back");
  const auto limit = add("verdict_memory_limit_bytes", "That limit");
  const auto dropped_lines =
      add("verdict_log_lines_dropped_total", "Lines of the log that were dropped because whoever reads it was too slow",
          MetricType::kCounter);
  registry.OnWrite([=, memory_limit = name.memory_limit] {
    dropped_lines->Set(static_cast<double>(DroppedLogLines()));
    most_files->Set(MostFiles());
    const MemoryState memory = CurrentMemory(memory_limit);
    used->Set(static_cast<double>(memory.used));
    limit->Set(static_cast<double>(memory.limit));
    const auto use = ReadProcessUse("/proc");
    if (!use) return;
    cpu->Set(use->cpu_seconds);
    resident->Set(static_cast<double>(use->resident_bytes));
    virtual_memory->Set(static_cast<double>(use->virtual_bytes));
    files->Set(static_cast<double>(use->open_files));
    threads->Set(static_cast<double>(use->threads));
    start->Set(use->start_seconds);
  });
}

}  // namespace verdict
