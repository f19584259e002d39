#include "metrics/process_metrics.h"

#include <unistd.h>

#include <fstream>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temp_directory.h"

namespace verdict {
namespace {

TEST(ProcessMetrics, ReadsAProcessWhoseNameHoldsAnything) {
  const TempDirectory proc;
  std::filesystem::create_directories(proc.path() / "self/fd");
  std::ofstream(proc.path() / "stat") << "cpu 1 2 3\nbtime 1000\nprocesses 7\n";
  std::ofstream(proc.path() / "self/stat") << "42 (a ) b) S 1 1 1 0 -1 0 0 0 0 0 300 200 0 0 20 0 9 0 5000 8192 3 99 1\n";
  const auto use = ReadProcessUse(proc.path());
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
  EXPECT_FALSE(ReadProcessUse(proc.path()));
  std::filesystem::create_directories(proc.path() / "self");
  std::ofstream(proc.path() / "self/stat") << "42 (cut) S 1 1";
  EXPECT_FALSE(ReadProcessUse(proc.path()));
}

TEST(ProcessMetrics, ThisProcessIsPlausible) {
  const auto use = ReadProcessUse("/proc");
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

}  // namespace
}  // namespace verdict
