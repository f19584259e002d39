#include "metrics/process_metrics.h"

#include <unistd.h>

#include <iterator>
#include <limits>
#include <sstream>
#include <vector>

#include "common/logging.h"
#include "process/descriptor_limit.h"
#include "process/memory_limit.h"

namespace verdict {
namespace {

namespace fs = std::filesystem;

// From the content of /proc/stat: seconds since the epoch at which the machine started; 0: not told.
double BootTime(const std::string& stat) {
  std::istringstream lines(stat);
  std::string name;
  double value = 0;
  while (lines >> name) {
    if (name == "btime" && lines >> value) return value;
    lines.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return 0;
}

double MostFiles() {
  const uint64_t limit = DescriptorLimit();
  if (limit == std::numeric_limits<uint64_t>::max()) return std::numeric_limits<double>::infinity();
  return static_cast<double>(limit);
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

ProcessMeter::ProcessMeter(const fs::path& proc)
    : stat_((proc / "self/stat").string()),
      folder_((proc / "self/fd").string()),
      boot_seconds_(BootTime(files_.Read((proc / "stat").string()).value_or(""))),
      open_files_(opendir(folder_.c_str()), closedir) {}

std::optional<int64_t> ProcessMeter::CountFiles() {
  if (!open_files_) open_files_.reset(opendir(folder_.c_str()));
  if (!open_files_) return std::nullopt;
  rewinddir(open_files_.get());
  int64_t count = 0;
  while (const dirent* const entry = readdir(open_files_.get())) count += entry->d_name[0] != '.' ? 1 : 0;
  return count;
}

std::optional<ProcessUse> ProcessMeter::Read() {
  const std::lock_guard lock(mutex_);
  const std::string stat = files_.Read(stat_).value_or("");
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
  use.open_files = CountFiles();
  use.start_seconds = boot_seconds_ + field(kStart) / ticks;
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
  const auto memory_meter = std::make_shared<MemoryMeter>(name.memory_limit);
  const auto process_meter = std::make_shared<ProcessMeter>("/proc");
  // What cannot be read keeps its last value.
  const auto update = [=] {
    dropped_lines->Set(static_cast<double>(DroppedLogLines()));
    most_files->Set(MostFiles());
    if (const auto memory = memory_meter->Read()) {
      used->Set(static_cast<double>(memory->used));
      limit->Set(static_cast<double>(memory->limit));
    }
    const auto use = process_meter->Read();
    if (!use) return;
    cpu->Set(use->cpu_seconds);
    resident->Set(static_cast<double>(use->resident_bytes));
    virtual_memory->Set(static_cast<double>(use->virtual_bytes));
    if (use->open_files) files->Set(static_cast<double>(*use->open_files));
    threads->Set(static_cast<double>(use->threads));
    start->Set(use->start_seconds);
  };
  update();  // so that the files are open before there may be too many others
  registry.OnWrite(update);
}

}  // namespace verdict
