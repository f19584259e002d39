#include "process/memory_limit.h"

#include <unistd.h>

#include <fstream>
#include <memory>

#include "gtest/gtest.h"
#include "tests/support/no_descriptors.h"

namespace verdict {
namespace {

namespace fs = std::filesystem;

class CgroupMemoryTest : public testing::Test {
 protected:
  ~CgroupMemoryTest() override { fs::remove_all(root_); }
  void Write(const fs::path& name, const std::string& text) {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << text;
  }
  // A cgroup of version 2.
  void Group(const fs::path& folder, const std::string& max, const std::string& current, const std::string& stat = "") {
    Write(folder / "memory.max", max);
    Write(folder / "memory.current", current);
    Write(folder / "memory.stat", stat);
  }
  // limit and used, or -1 twice.
  std::pair<int64_t, int64_t> Read(const std::string& membership) {
    KeptFiles files;
    const auto state = CgroupMemory(root_, membership, files).value_or(MemoryState{-1, -1});
    return {state.limit, state.used};
  }
  using Numbers = std::pair<int64_t, int64_t>;

  const fs::path root_ = fs::path(testing::TempDir()) / ("memory_cgroup_" + std::to_string(getpid()));
  const Numbers none_{-1, -1};
};

TEST_F(CgroupMemoryTest, ReadsVersionTwoWithoutTheFilesThatWereRead) {
  Group("", "1000\n", "700\n", "anon 300\nfile 400\nshmem 100\ninactive_file 250\nactive_file 50\n");
  EXPECT_EQ(Read("0::/\n"), Numbers(1000, 400));
  EXPECT_EQ(Read(""), Numbers(1000, 400));
}

TEST_F(CgroupMemoryTest, WithoutALimitThereIsNone) {
  EXPECT_EQ(Read("0::/\n"), none_);
  Group("", "max\n", "700\n");
  EXPECT_EQ(Read("0::/\n"), none_);
  Group("", "0\n", "700\n");
  EXPECT_EQ(Read("0::/\n"), none_);
  Group("", "many\n", "700\n");
  EXPECT_EQ(Read("0::/\n"), none_);
}

TEST_F(CgroupMemoryTest, TheParentWithTheLeastLeftCounts) {
  Group("slice", "5000", "4900");
  Group("slice/job", "max", "100");
  Group("slice/job/task", "1000", "100");
  EXPECT_EQ(Read("0::/slice/job/task\n"), Numbers(5000, 4900));
  Group("slice", "5000", "100");
  EXPECT_EQ(Read("0::/slice/job/task\n"), Numbers(1000, 100));
  EXPECT_EQ(Read("0::/slice/job\n"), Numbers(5000, 100));
}

TEST_F(CgroupMemoryTest, APathOfTheHostIsTakenForTheRoot) {
  Group("", "1000", "1");
  EXPECT_EQ(Read("0::/docker/abc\n"), Numbers(1000, 1));
  EXPECT_EQ(Read("0::/../../other\n"), Numbers(1000, 1));
}

TEST_F(CgroupMemoryTest, ReadsVersionOne) {
  Write("memory/memory.limit_in_bytes", "9223372036854771712\n");
  Write("memory/memory.usage_in_bytes", "500\n");
  EXPECT_EQ(Read("4:memory:/pod\n"), none_);
  Write("memory/pod/memory.limit_in_bytes", "2000");
  Write("memory/pod/memory.usage_in_bytes", "500");
  Write("memory/pod/memory.stat", "active_file 1\ntotal_active_file 20\ntotal_inactive_file 30\n");
  EXPECT_EQ(Read("5:cpu,cpuacct:/other\n4:hugetlb,memory:/pod\n0::/\n"), Numbers(2000, 450));
}

TEST_F(CgroupMemoryTest, UsageIsNeverNegative) {
  Group("", "1000", "100", "inactive_file 300\n");
  EXPECT_EQ(Read("0::/\n"), Numbers(1000, 0));
}

TEST(MachineMemory, ReadsMeminfo) {
  const auto state = MachineMemory("MemTotal:       1000 kB\nMemFree:   1 kB\nMemAvailable:    400 kB\n");
  ASSERT_TRUE(state.has_value());
  EXPECT_EQ(state->limit, 1000 * 1024);
  EXPECT_EQ(state->left(), 400 * 1024);
  EXPECT_FALSE(MachineMemory("MemTotal: 1000 kB\n").has_value());
}

TEST(ProcessMemory, CountsWhatIsNoFile) {
  EXPECT_EQ(ProcessMemory("VmRSS:\t 90 kB\nRssAnon:\t 40 kB\nRssFile:\t 49 kB\nRssShmem:\t 1 kB\n"), 41 * 1024);
  EXPECT_EQ(ProcessMemory(""), 0);
}

TEST(CurrentMemory, CountsThisProcessAgainstALimitOfItsOwn) {
  const MemoryState before = CurrentMemory(int64_t{1} << 40);
  EXPECT_EQ(before.limit, int64_t{1} << 40);
  constexpr size_t kBytes = 64 << 20;
  const auto block = std::make_unique<char[]>(kBytes);
  for (size_t i = 0; i < kBytes; i += 4096) block[i] = 1;
  EXPECT_GT(CurrentMemory(int64_t{1} << 40).used, before.used + static_cast<int64_t>(kBytes) / 2);
  EXPECT_EQ(block[4096], 1);
  EXPECT_GT(CurrentMemory(0).limit, 0);
}

TEST(MemoryMeter, KnowsWithoutADescriptorWhatItKnewBefore) {
  MemoryMeter all(0), own(int64_t{1} << 40), late(0);
  const auto before = all.Read();
  ASSERT_TRUE(before && own.Read());
  std::optional<MemoryState> all_then, own_then, late_then;
  {
    const NoDescriptors none;
    all_then = all.Read();
    own_then = own.Read();
    late_then = late.Read();
  }
  ASSERT_TRUE(all_then && own_then);
  EXPECT_EQ(all_then->limit, before->limit);
  EXPECT_GT(all_then->used, 0);
  EXPECT_GT(own_then->used, 0);
  EXPECT_FALSE(late_then);
  EXPECT_EQ(late.Read()->limit, before->limit);
}

}  // namespace
}  // namespace verdict
