#include "metrics/process_metrics.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/no_descriptors.h"
#include "tests/support/temp_directory.h"

namespace verdict {
namespace {

TEST(ProcessMetrics, ReadsAProcessWhoseNameHoldsAnything) {
  const TempDirectory proc;
  std::filesystem::create_directories(proc.path() / "self/fd");
  std::ofstream(proc.path() / "stat") << "cpu 1 2 3\nbtime 1000\nprocesses 7\n";
  std::ofstream(proc.path() / "self/stat") << "42 (a ) b) S 1 1 1 0 -1 0 0 0 0 0 300 200 0 0 20 0 9 0 5000 8192 3 99 1\n";
  const auto use = ProcessMeter(proc.path()).Read();
  ASSERT_TRUE(use);
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  EXPECT_DOUBLE_EQ(use->cpu_seconds, 500 / ticks);
  EXPECT_EQ(use->threads, 9);
  EXPECT_EQ(use->virtual_bytes, 8192);
  EXPECT_EQ(use->resident_bytes, 3 * sysconf(_SC_PAGESIZE));
  EXPECT_DOUBLE_EQ(use->start_seconds, 1000 + 5000 / ticks);
}

TEST(ProcessMetrics, AProcThatIsNoneSaysNothing) {
  const TempDirectory proc;
  EXPECT_FALSE(ProcessMeter(proc.path()).Read());
  std::filesystem::create_directories(proc.path() / "self");
  std::ofstream(proc.path() / "self/stat") << "42 (cut) S 1 1";
  EXPECT_FALSE(ProcessMeter(proc.path()).Read());
}

TEST(ProcessMetrics, ThisProcessIsPlausible) {
  const auto use = ProcessMeter("/proc").Read();
  ASSERT_TRUE(use);
  EXPECT_GT(use->resident_bytes, 1 << 20);
  EXPECT_GE(use->open_files, 3);
  EXPECT_GE(use->threads, 1);
  EXPECT_NEAR(use->start_seconds, static_cast<double>(absl::ToUnixSeconds(absl::Now())), 3600);
  MetricRegistry registry;
  AddProcessMetrics(registry, {.process = "me", .version = "9"});
  const std::string text = registry.Write(MetricFormat::kText);
  EXPECT_THAT(text, testing::HasSubstr("# TYPE process_cpu_seconds_total counter\n"));
  EXPECT_THAT(text, testing::HasSubstr("verdict_build_info{process=\"me\",version=\"9\"} 1\n"));
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("process_resident_memory_bytes{process=\"me\"} 0\n")));
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("verdict_memory_limit_bytes{process=\"me\"} 0\n")));
}

double ValueOf(const std::string& name, const std::string& text) {
  const std::string series = "\n" + name + "{process=\"me\"} ";
  const size_t begin = text.find(series);
  return begin == std::string::npos ? -1 : std::strtod(text.c_str() + begin + series.size(), nullptr);
}

TEST(ProcessMetrics, TellTheTruthWithoutADescriptorLeft) {
  MetricRegistry registry;
  AddProcessMetrics(registry, {.process = "me", .version = "9"});
  const std::string before = registry.Write(MetricFormat::kText);
  const int more[] = {dup(STDIN_FILENO), dup(STDIN_FILENO), dup(STDIN_FILENO)};
  std::string then;
  {
    const NoDescriptors none;
    then = registry.Write(MetricFormat::kText);
  }
  for (const int descriptor : more) close(descriptor);
  EXPECT_EQ(ValueOf("process_open_fds", then), ValueOf("process_open_fds", before) + 3);
  EXPECT_LT(ValueOf("process_max_fds", then), ValueOf("process_max_fds", before));
  EXPECT_GT(ValueOf("verdict_memory_limit_bytes", before), 0);
  EXPECT_EQ(ValueOf("verdict_memory_limit_bytes", then), ValueOf("verdict_memory_limit_bytes", before));
  EXPECT_GT(ValueOf("verdict_memory_used_bytes", then), 0);
  EXPECT_GE(ValueOf("process_cpu_seconds_total", then), ValueOf("process_cpu_seconds_total", before));
}

}  // namespace
}  // namespace verdict
