#include "services/classifier/repository/background_tasks.h"

#include <atomic>
#include <future>

#include "gtest/gtest.h"
#include "tests/support/thread_limit.h"

namespace verdict {
namespace {

TEST(BackgroundTasks, RunsSoManyAtOneTimeAndNoMore) {
  std::promise<void> go;
  const std::shared_future<void> gone = go.get_future().share();
  std::atomic<int> ran = 0;
  std::promise<void> third_ran;
  {
    BackgroundTasks tasks(2);
    for (int i = 0; i < 2; ++i) {
      absl::AnyInvocable<void()> task = [&ran, gone] {
        gone.wait();
        ++ran;
      };
      ASSERT_TRUE(tasks.Start(task));
    }
    absl::AnyInvocable<void()> third = [&third_ran] { third_ran.set_value(); };
    EXPECT_FALSE(tasks.Start(third));
    EXPECT_EQ(ran, 0);
    go.set_value();
    while (!tasks.Start(third)) std::this_thread::yield();  // a place is free once one has ended
    third_ran.get_future().wait();
  }
  EXPECT_EQ(ran, 2);  // the end waits for all
}

TEST(BackgroundTasks, LeavesTheTaskToItsCallerWhenThereAreNoMoreThreads) {
  BackgroundTasks tasks(1);
  std::promise<void> ran;
  absl::AnyInvocable<void()> task = [&ran] { ran.set_value(); };
  {
    const ThreadLimit limit(0);
    EXPECT_FALSE(tasks.Start(task));
  }
  EXPECT_TRUE(tasks.Start(task));
  ran.get_future().wait();
}

TEST(BackgroundTasks, StartsNothingOnceClosed) {
  BackgroundTasks tasks(1);
  tasks.Close();
  bool ran = false;
  absl::AnyInvocable<void()> task = [&ran] { ran = true; };
  EXPECT_FALSE(tasks.Start(task));
  task();  // it is still the caller's
  EXPECT_TRUE(ran);
}

}  // namespace
}  // namespace verdict
