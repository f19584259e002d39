#include "services/classifier/routing/step_threads.h"

#include <atomic>
#include <latch>
#include <thread>

#include "gtest/gtest.h"

namespace verdict {
namespace {

TEST(StepThreadsTest, RunsTasksElsewhereAndSeveralAtOnce) {
  StepThreads threads(2);
  std::latch both(2), done(2);
  std::atomic<bool> here = false;
  for (int i = 0; i < 2; ++i) {
    threads.Run([&, caller = std::this_thread::get_id()] {
      if (std::this_thread::get_id() == caller) here = true;
      both.arrive_and_wait();
      done.count_down();
    });
  }
  done.wait();
  EXPECT_FALSE(here);
}

TEST(StepThreadsTest, EndsAfterAllTasks) {
  std::atomic<int> ran = 0;
  {
    StepThreads threads(1);
    std::latch go(1);
    threads.Run([&] { go.wait(); });
    for (int i = 0; i < 100; ++i) threads.Run([&] { ++ran; });
    threads.Run([&, more = [&] { ++ran; }] { more(); });
    go.count_down();
  }
  EXPECT_EQ(ran, 101);
}

TEST(StepThreadsTest, WithoutThreadsTasksRunWhereTheyAre) {
  StepThreads none(0);
  bool ran = false;
  none.Run([&] { ran = true; });
  EXPECT_TRUE(ran);
}

}  // namespace
}  // namespace verdict
