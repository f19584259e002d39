#include "process/shutdown_signal.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

// Runs `body` in a child process and returns how it ended: signals act on a whole process.
template <typename Body>
int StatusOfChild(Body body) {
  const pid_t child = fork();
  if (child == 0) std::_Exit(body());
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

TEST(ShutdownSignal, WaitReturnsTheSignalThatCame) {
  for (const int number : {SIGTERM, SIGINT}) {
    const int status = StatusOfChild([number] {
      ShutdownSignal shutdown;
      kill(getpid(), number);
      return shutdown.Wait() == number ? 0 : 1;
    });
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
  }
}

TEST(ShutdownSignal, WaitForEndsWithOrWithoutASignal) {
  const int status = StatusOfChild([] {
    ShutdownSignal shutdown;
    if (shutdown.WaitFor(absl::Milliseconds(1)) != 0) return 1;
    kill(getpid(), SIGTERM);
    return shutdown.WaitFor(absl::Seconds(60)) == SIGTERM && shutdown.Wait() == SIGTERM ? 0 : 2;
  });
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(ShutdownSignal, ASecondSignalEndsTheProcessAtOnce) {
  const int status = StatusOfChild([] {
    ShutdownSignal shutdown(absl::ZeroDuration());
    kill(getpid(), SIGTERM);
    shutdown.Wait();
    kill(getpid(), SIGTERM);
    for (;;) pause();
    return 0;
  });
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 128 + SIGTERM);
}

TEST(ShutdownSignal, TwoSignalsAtOnceAreOneRequest) {
  const int status = StatusOfChild([] {
    ShutdownSignal shutdown(absl::InfiniteDuration());
    kill(getpid(), SIGTERM);
    shutdown.Wait();
    kill(getpid(), SIGINT);
    sigset_t pending;
    do sigpending(&pending);  // until the second one has been taken
    while (sigismember(&pending, SIGINT) == 1);
    return shutdown.Wait() == SIGTERM ? 0 : 1;
  });
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(ShutdownSignal, WhatCannotBeInterruptedEndsInTime) {
  for (const absl::Duration time : {absl::ZeroDuration(), absl::Milliseconds(5)}) {
    const int status = StatusOfChild([time] {
      ShutdownSignal shutdown;
      shutdown.EndBy(absl::Now() + absl::Hours(1));
      shutdown.EndBy(absl::Now() + time);
      for (;;) pause();
      return 1;
    });
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
  }
}

TEST(ShutdownSignal, TriggerEndsWaitWithoutASignal) {
  const int status = StatusOfChild([] {
    ShutdownSignal shutdown;
    std::thread other([&] { shutdown.Trigger(SIGINT); });
    const int got = shutdown.Wait();
    other.join();
    return got == SIGINT ? 0 : 1;
  });
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(ShutdownSignal, CanBeDestroyedWithoutASignal) {
  const int status = StatusOfChild([] {
    { ShutdownSignal shutdown; }
    return 0;
  });
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace verdict
