#include "services/classifier/engine/team.h"

#include <algorithm>
#include <atomic>
#include <new>
#include <numeric>
#include <system_error>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "tests/support/thread_limit.h"

namespace verdict {
namespace {

TEST(TeamTest, DoesEachTaskOnce) {
  for (const int threads : {1, 2, 5}) {
    Team team(threads);
    EXPECT_EQ(team.threads(), threads);
    for (const int64_t tasks : {0, 1, 2, 3, 1000}) {
      std::vector<int> done(static_cast<size_t>(tasks), 0);
      team.For(tasks, [&](int64_t task, int thread) {
        EXPECT_GE(thread, 0);
        EXPECT_LT(thread, threads);
        ++done[static_cast<size_t>(task)];
      });
      EXPECT_THAT(done, ::testing::Each(1));
    }
  }
}

TEST(TeamTest, EndsWhatItHasStartedWhenThereAreNoMoreThreads) {
  const ThreadLimit limit(2);
  EXPECT_THROW(Team(4), std::system_error);
}

// What one step has written, the next one reads on any thread.
TEST(TeamTest, StepsFollowEachOther) {
  Team team(3);
  std::vector<int64_t> values(64, 0);
  for (int step = 0; step < 2000; ++step) {
    team.For(64, [&](int64_t task, int /*thread*/) { values[static_cast<size_t>(task)] += 1; });
    if (step % 100 == 0) {
      const int64_t sum = std::accumulate(values.begin(), values.end(), int64_t{0});
      ASSERT_EQ(sum, 64 * (step + 1));
    }
  }
}

TEST(TeamTest, StaysAwakeForAPass) {
  Team team(3);
  std::atomic<int> done = 0;
  for (int pass = 0; pass < 20; ++pass) {
    const Team::Awake awake(team);
    for (int step = 0; step < 50; ++step) team.For(7, [&](int64_t, int) { ++done; });
  }
  EXPECT_EQ(done, 20 * 50 * 7);
}

TEST(TeamTest, CallersMayChange) {
  Team team(2);
  std::atomic<int> done = 0;
  for (int i = 0; i < 20; ++i) {
    std::thread([&] { team.For(10, [&](int64_t, int) { ++done; }); }).join();
  }
  EXPECT_EQ(done, 200);
}

TEST(TeamTest, MoreTasksThanOneStepHas) {
  Team team(2);
  std::vector<std::atomic<uint8_t>> done((1 << 21) + 5);
  team.For(static_cast<int64_t>(done.size()), [&](int64_t task, int) { ++done[static_cast<size_t>(task)]; });
  EXPECT_TRUE(std::ranges::all_of(done, [](const auto& times) { return times == 1; }));
}

TEST(TeamTest, RunningOutOfMemoryReachesTheCaller) {
  Team team(3);
  std::atomic<int> done = 0;
  const auto work = [&](int64_t task, int) {
    if (task == 5) throw std::bad_alloc();
    ++done;
  };
  EXPECT_THROW(team.For(20, work), std::bad_alloc);
  EXPECT_EQ(done, 19);
  team.For(5, work);  // and the team goes on
  EXPECT_EQ(done, 24);
}

TEST(TeamTest, EndsWhetherItWorkedOrNot) {
  for (int i = 0; i < 50; ++i) {
    Team team(3);
    if (i % 2 == 0) team.For(3, [](int64_t, int) {});
  }
}

}  // namespace
}  // namespace verdict
