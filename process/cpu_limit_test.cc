#include "process/cpu_limit.h"

#include <sched.h>
#include <unistd.h>

#include <fstream>

#include "gtest/gtest.h"

namespace verdict {
namespace {

namespace fs = std::filesystem;

class CpuQuotaTest : public testing::Test {
 protected:
  CpuQuotaTest() { fs::create_directories(root_ / "cpu"); }
  ~CpuQuotaTest() override { fs::remove_all(root_); }
  void Write(const fs::path& name, const std::string& text) { std::ofstream(root_ / name) << text; }

  const fs::path root_ = fs::path(testing::TempDir()) / ("cgroup_" + std::to_string(getpid()));
};

TEST_F(CpuQuotaTest, ReadsVersionTwo) {
  Write("cpu.max", "150000 100000\n");
  EXPECT_EQ(CpuQuota(root_), 1.5);
  Write("cpu.max", "max 100000\n");
  EXPECT_EQ(CpuQuota(root_), std::nullopt);
}

TEST_F(CpuQuotaTest, ReadsVersionOne) {
  Write("cpu/cpu.cfs_period_us", "100000");
  Write("cpu/cpu.cfs_quota_us", "-1");
  EXPECT_EQ(CpuQuota(root_), std::nullopt);
  Write("cpu/cpu.cfs_quota_us", "50000");
  EXPECT_EQ(CpuQuota(root_), 0.5);
}

TEST_F(CpuQuotaTest, IgnoresWhatItCannotRead) {
  EXPECT_EQ(CpuQuota(root_), std::nullopt);
  for (const char* text : {"", "many 100000", "0 100000", "100000 0", "100000"}) {
    Write("cpu.max", text);
    EXPECT_EQ(CpuQuota(root_), std::nullopt) << text;
  }
}

TEST(AvailableProcessors, FollowsTheCpuset) {
  cpu_set_t before, one;
  ASSERT_EQ(sched_getaffinity(0, sizeof(before), &before), 0);
  EXPECT_GE(AvailableProcessors(), 1);
  EXPECT_LE(AvailableProcessors(), CPU_COUNT(&before));
  CPU_ZERO(&one);
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &before)) {
      CPU_SET(cpu, &one);
      break;
    }
  }
  ASSERT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
  EXPECT_EQ(AvailableProcessors(), 1);
  sched_setaffinity(0, sizeof(before), &before);
}

}  // namespace
}  // namespace verdict
