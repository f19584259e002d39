#include "gateway/http/output_backlog.h"

#include <cstdlib>
#include <memory>
#include <string>

#include "gtest/gtest.h"

namespace verdict {
namespace {

OutputBacklog::Limits Small() { return {.memory = 100, .file = 1000}; }

std::string TakeAll(OutputBacklog& backlog, size_t piece) {
  std::string all;
  while (!backlog.empty() && !backlog.failed()) all += backlog.Take(piece);
  return all;
}

TEST(OutputBacklogTest, KeepsTheOrderFromMemoryToFileAndBack) {
  OutputBacklog backlog(Small());
  std::string expected, taken;
  for (int i = 0; i < 200; ++i) {
    const std::string piece = std::to_string(i) + ",";
    expected += piece;
    backlog.Append(piece, /*may_spill=*/i % 50 < 40);
    if (i % 3 == 0) taken += backlog.Take(7);
  }
  taken += TakeAll(backlog, 64);
  EXPECT_EQ(taken, expected);
  EXPECT_TRUE(backlog.empty());
}

TEST(OutputBacklogTest, SpillsWhatIsTooMuchForMemory) {
  OutputBacklog backlog(Small());
  backlog.Append(std::string(99, 'a'), true);
  EXPECT_EQ(backlog.in_file(), 0u);
  backlog.Append(std::string(51, 'b'), true);
  EXPECT_EQ(backlog.in_file(), 150u);
  EXPECT_EQ(backlog.in_memory(), 0u);
  EXPECT_FALSE(backlog.full());
}

TEST(OutputBacklogTest, WithoutASpillItIsFullButTakesWhatItIsGiven) {
  OutputBacklog backlog(Small());
  backlog.Append(std::string(150, 'a'), false);
  EXPECT_TRUE(backlog.full());
  EXPECT_EQ(backlog.in_file(), 0u);
  EXPECT_EQ(TakeAll(backlog, 1000), std::string(150, 'a'));
  EXPECT_FALSE(backlog.full());
}

TEST(OutputBacklogTest, AFileThatIsFullLeavesTheRestInMemory) {
  OutputBacklog backlog(Small());
  for (int i = 0; i < 20; ++i) backlog.Append(std::string(100, static_cast<char>('a' + i)), true);
  EXPECT_EQ(backlog.in_file(), 1000u);
  EXPECT_TRUE(backlog.full());
  EXPECT_EQ(TakeAll(backlog, 333).size(), 2000u);
  backlog.Append(std::string(200, 'z'), true);  // has room again
  EXPECT_EQ(backlog.in_file(), 200u);
}

TEST(OutputBacklogTest, AllFilesShareOneLimit) {
  const OutputBacklog::Limits shared = Small();
  OutputBacklog first(shared);
  auto second = std::make_unique<OutputBacklog>(shared);
  first.Append(std::string(600, 'a'), true);
  second->Append(std::string(300, 'b'), true);
  EXPECT_EQ(first.in_file(), 600u);
  EXPECT_EQ(second->in_file(), 300u);
  first.Append(std::string(101, 'c'), true);
  EXPECT_TRUE(first.full()) << "nothing more is in the files than the limit";
  EXPECT_EQ(first.in_file(), 600u);
  second.reset();
  first.Append("d", true);  // what the second had is there again
  EXPECT_EQ(first.in_file(), 702u);
  EXPECT_EQ(TakeAll(first, 64).size(), 702u);
  OutputBacklog third(shared);
  third.Append(std::string(1000, 'e'), true);
  EXPECT_EQ(third.in_file(), 1000u) << "what was read has given its place back";
}

TEST(OutputBacklogTest, NeverSpillsWhereThatIsSwitchedOff) {
  OutputBacklog backlog({.memory = 100, .file = 0});
  backlog.Append(std::string(200, 'a'), true);
  EXPECT_TRUE(backlog.full());
}

TEST(OutputBacklogTest, AFolderThatIsNoneIsPassedOver) {
  const char* const before = std::getenv("TMPDIR");
  const std::string kept = before == nullptr ? "" : before;
  setenv("TMPDIR", "/no/such/folder", 1);
  OutputBacklog backlog(Small());
  backlog.Append(std::string(200, 'a'), true);
  EXPECT_EQ(backlog.in_file(), 200u);
  before == nullptr ? unsetenv("TMPDIR") : setenv("TMPDIR", kept.c_str(), 1);
}

}  // namespace
}  // namespace verdict
