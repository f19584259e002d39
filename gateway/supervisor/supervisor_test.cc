#include "gateway/supervisor/supervisor.h"

#include <signal.h>

#include <cstdlib>
#include <future>

#include "absl/time/clock.h"
#include "gateway/supervisor/testing/event_pipe.h"
#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kPatience = absl::Seconds(10);

// Writes its pid, then lives until SIGTERM, which it obeys with a line of its own.
constexpr char kObedient[] = "trap 'echo term > $1; exit 0' TERM; echo $$ > $1; while :; do sleep 0.01; done";
constexpr char kStubborn[] = "trap '' TERM; echo $$ > $1; exec sleep 1000";

class SupervisorTest : public ::testing::Test {
 protected:
  std::unique_ptr<Supervisor> Supervise(const std::string& script,
                                        RestartBackoff::Options backoff = {.first = absl::Milliseconds(1)}) {
    return std::make_unique<Supervisor>(
        Supervisor::Options{.command = {"/bin/sh", "-c", script, "sh", events_.path()}, .backoff = backoff},
        [this](int exit_code) { given_up_.set_value(exit_code); });
  }
  int NextPid() { return std::atoi(events_.Next().c_str()); }
  int AwaitGivenUp() {
    auto code = given_up_.get_future();
    return code.wait_for(absl::ToChronoSeconds(kPatience)) == std::future_status::ready ? code.get() : -1;
  }

  EventPipe events_;
  std::promise<int> given_up_;
};

TEST_F(SupervisorTest, StartsAndStopsPolitely) {
  const auto supervisor = Supervise(kObedient);
  EXPECT_EQ(supervisor->State().code(), absl::StatusCode::kUnavailable);
  supervisor->Start();
  const int pid = NextPid();
  ASSERT_GT(pid, 1);
  EXPECT_TRUE(supervisor->State().ok());
  EXPECT_TRUE(supervisor->Stop(absl::Now() + kPatience));
  EXPECT_EQ(events_.Next(), "term");
  EXPECT_NE(kill(pid, 0), 0);  // reaped: no zombie
  EXPECT_THAT(std::string(supervisor->State().message()), HasSubstr("shutting down"));
}

TEST_F(SupervisorTest, KillsAtTheDeadlineWhatDoesNotObey) {
  const auto supervisor = Supervise(kStubborn);
  supervisor->Start();
  const int pid = NextPid();
  ASSERT_GT(pid, 1);
  EXPECT_FALSE(supervisor->Stop(absl::Now() + absl::Milliseconds(50)));
  EXPECT_NE(kill(pid, 0), 0);
}

TEST_F(SupervisorTest, StartsAServiceAgainThatWasReadyOnce) {
  const auto supervisor = Supervise(kObedient);
  supervisor->Start();
  int pid = NextPid();
  supervisor->MarkReady();
  for (int i = 0; i < 4; ++i) {
    ASSERT_GT(pid, 1);
    kill(pid, SIGKILL);
    const int next = NextPid();
    EXPECT_NE(next, pid);
    pid = next;
  }
  EXPECT_TRUE(supervisor->State().ok());
}

TEST_F(SupervisorTest, SaysSoWhileTheServiceIsAway) {
  // Dies at once for good: the file tells the first life from the later ones.
  const auto supervisor = Supervise("echo $$ > $1; read x < $1.go; exit 9", {.first = absl::Hours(1), .longest = absl::Hours(1)});
  ASSERT_EQ(system(("mkfifo " + events_.path() + ".go").c_str()), 0);
  supervisor->Start();
  for (int life = 0; life < 2; ++life) {
    ASSERT_GT(NextPid(), 1);
    supervisor->MarkReady();
    ASSERT_EQ(system(("echo > " + events_.path() + ".go").c_str()), 0);
  }
  const absl::Time began = absl::Now();
  while (supervisor->State().ok()) ASSERT_LT(absl::Now() - began, kPatience);
  EXPECT_THAT(std::string(supervisor->State().message()), HasSubstr("exited with code 9 and is being started again"));
  EXPECT_TRUE(supervisor->Stop(absl::Now() + kPatience));  // does not wait for the hour to pass
  EXPECT_TRUE(events_.Empty());
  ASSERT_EQ(system(("rm " + events_.path() + ".go").c_str()), 0);
}

TEST_F(SupervisorTest, ReplacesAServiceThatDoesNotLive) {
  const auto supervisor = Supervise(kStubborn, {.first = absl::Hours(1), .longest = absl::Hours(1)});
  supervisor->Replace("nothing runs yet");
  supervisor->Start();
  const int first = NextPid();
  ASSERT_GT(first, 1);
  supervisor->MarkReady();
  kill(first, SIGSTOP);
  supervisor->Replace("it hangs");
  supervisor->Replace("it still hangs");  // is not held against the next one
  const int second = NextPid();
  ASSERT_GT(second, 1);
  EXPECT_NE(second, first);
  EXPECT_TRUE(supervisor->State().ok());
  supervisor->Replace("it hangs, too");
  const absl::Time began = absl::Now();
  while (supervisor->State().ok()) ASSERT_LT(absl::Now() - began, kPatience);
  EXPECT_THAT(std::string(supervisor->State().message()),
              HasSubstr("was killed by signal 9 (Killed) by us because it hangs, too"));
}

TEST_F(SupervisorTest, GivesUpAServiceThatWasNeverReadyWithItsCode) {
  const auto supervisor = Supervise("exit 3");
  supervisor->Start();
  EXPECT_EQ(AwaitGivenUp(), 3);
  EXPECT_THAT(std::string(supervisor->State().message()), HasSubstr("before it was ready"));
  EXPECT_TRUE(supervisor->Stop(absl::Now() + kPatience));
}

TEST_F(SupervisorTest, GivesUpAServiceThatWasKilledBeforeItWasReady) {
  const auto supervisor = Supervise("kill -9 $$");
  supervisor->Start();
  EXPECT_EQ(AwaitGivenUp(), 137);
}

TEST_F(SupervisorTest, AnEarlyEndWithoutAFailureIsOneNevertheless) {
  const auto supervisor = Supervise("exit 0");
  supervisor->Start();
  EXPECT_EQ(AwaitGivenUp(), 1);
}

TEST_F(SupervisorTest, GivesUpAProgramThatCannotBeExecuted) {
  Supervisor supervisor({.command = {"/no/such/program"}}, [this](int exit_code) { given_up_.set_value(exit_code); });
  supervisor.Start();
  EXPECT_EQ(AwaitGivenUp(), 127);
  EXPECT_THAT(std::string(supervisor.State().message()), HasSubstr("/no/such/program"));
}

TEST_F(SupervisorTest, StoppingAServiceThatIsNotReadyIsNoFailure) {
  const auto supervisor = Supervise("trap 'exit 143' TERM; echo $$ > $1; while :; do sleep 0.01; done");
  supervisor->Start();
  ASSERT_GT(NextPid(), 1);
  EXPECT_TRUE(supervisor->Stop(absl::Now() + kPatience));
  EXPECT_EQ(given_up_.get_future().wait_for(std::chrono::seconds(0)), std::future_status::timeout);
}

TEST_F(SupervisorTest, MayBeStoppedWithoutHavingStarted) { EXPECT_TRUE(Supervise(kObedient)->Stop(absl::Now() + kPatience)); }

}  // namespace
}  // namespace verdict
