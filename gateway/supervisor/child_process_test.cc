#include "gateway/supervisor/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "gateway/supervisor/testing/event_pipe.h"
#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;

class ChildProcessTest : public ::testing::Test {
 protected:
  std::unique_ptr<ChildProcess> Shell(const std::string& script, bool reap_others = false) {
    auto child = ChildProcess::Spawn({.command = {"/bin/sh", "-c", script, "sh", events_.path()}, .reap_others = reap_others});
    EXPECT_TRUE(child.ok()) << child.status();
    return child.ok() ? *std::move(child) : nullptr;
  }

  EventPipe events_;
};

TEST_F(ChildProcessTest, TellsHowItEnded) {
  EXPECT_EQ(Shell("exit 0")->Wait().exit_code, 0);
  const ProcessEnd three = Shell("exit 3")->Wait();
  EXPECT_EQ(three.exit_code, 3);
  EXPECT_EQ(three.signal, 0);
  EXPECT_EQ(three.Describe(), "exited with code 3");
  const ProcessEnd killed = Shell("kill -9 $$")->Wait();
  EXPECT_EQ(killed.exit_code, 137);
  EXPECT_EQ(killed.signal, 9);
  EXPECT_THAT(killed.Describe(), HasSubstr("killed by signal 9"));
}

TEST_F(ChildProcessTest, SaysWhyAProgramCannotBeExecuted) {
  const auto missing = ChildProcess::Spawn({.command = {"/no/such/program"}});
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(missing.status().message()), HasSubstr("/no/such/program"));
  EXPECT_EQ(ChildProcess::Spawn({.command = {events_.directory()}}).status().code(), absl::StatusCode::kPermissionDenied);
}

TEST_F(ChildProcessTest, GetsSignalsAndNoneAfterItsEnd) {
  const auto child = Shell("trap 'echo term > $1; exit 5' TERM; echo up > $1; while :; do sleep 0.01; done");
  EXPECT_EQ(events_.Next(), "up");
  child->Signal(SIGTERM);
  EXPECT_EQ(events_.Next(), "term");
  EXPECT_EQ(child->Wait().exit_code, 5);
  child->Signal(SIGKILL);  // whoever has the number now is left alone
  EXPECT_EQ(child->Wait().exit_code, 0);
}

TEST_F(ChildProcessTest, BlockedSignalsAndIgnoredOnesAreNotInherited) {
  sigset_t term, before;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &term, &before);
  const auto old = signal(SIGPIPE, SIG_IGN);
  const auto child = Shell("grep -E 'SigBlk|SigIgn' /proc/self/status | tr -d '\\n\\t' > $1; echo > $1");
  EXPECT_EQ(events_.Next(), "SigBlk:0000000000000000SigIgn:0000000000000000");
  child->Wait();
  signal(SIGPIPE, old);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST_F(ChildProcessTest, InheritsTheEnvironmentButNoDescriptorAndNoInput) {
  setenv("VERDICT_TEST_VARIABLE", "inherited", 1);
  const int leaked = open("/dev/null", O_RDONLY);  // without O_CLOEXEC, as some libraries open theirs
  const auto child = Shell("echo $VERDICT_TEST_VARIABLE > $1; if [ -e /proc/$$/fd/" + std::to_string(leaked) +
                           " ]; then echo leaked; else echo clean; fi > $1; readlink /proc/$$/fd/0 > $1");
  EXPECT_EQ(events_.Next(), "inherited");
  EXPECT_EQ(events_.Next(), "clean");
  EXPECT_EQ(events_.Next(), "/dev/null");
  child->Wait();
  close(leaked);
}

TEST_F(ChildProcessTest, LeadsAGroupOfItsOwn) {
  const auto lasting = Shell("trap '' TERM; echo up > $1; exec sleep 1000");
  EXPECT_EQ(events_.Next(), "up");
  EXPECT_EQ(getpgid(lasting->pid()), lasting->pid());
}

TEST_F(ChildProcessTest, WhatItLeavesBehindIsKilled) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);  // orphans become ours, so that we can wait for them
  const auto child = Shell("sleep 1000 & echo $! > $1");
  const pid_t grandchild = std::atoi(events_.Next().c_str());
  ASSERT_GT(grandchild, 1);
  child->Wait();
  int status = 0;
  EXPECT_EQ(waitpid(grandchild, &status, 0), grandchild);
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
  prctl(PR_SET_CHILD_SUBREAPER, 0);
}

TEST_F(ChildProcessTest, TheDestructorLeavesNothing) {
  auto child = Shell("trap '' TERM; echo up > $1; exec sleep 1000");
  EXPECT_EQ(events_.Next(), "up");
  const pid_t pid = child->pid();
  child.reset();
  EXPECT_EQ(kill(pid, 0), -1);
  EXPECT_EQ(errno, ESRCH);
}

TEST_F(ChildProcessTest, AsProcessOneItReapsStrangers) {
  const pid_t stranger = fork();
  if (stranger == 0) _exit(7);
  const auto child = Shell("while kill -0 " + std::to_string(stranger) + " 2>/dev/null; do :; done; exit 4", true);
  EXPECT_EQ(child->Wait().exit_code, 4);  // ends only once the stranger is no zombie any more
  EXPECT_EQ(waitpid(stranger, nullptr, 0), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST_F(ChildProcessTest, DiesWithItsParent) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);  // orphans become ours, so that we can wait for them
  const pid_t parent = fork();
  if (parent == 0) {
    const auto child = Shell("echo up > $1; exec sleep 1000");
    events_.Next();
    events_.Write(std::to_string(child->pid()));
    raise(SIGKILL);
  }
  EXPECT_EQ(waitpid(parent, nullptr, 0), parent);
  const pid_t orphan = std::atoi(events_.Next().c_str());
  ASSERT_GT(orphan, 1);
  int status = 0;
  EXPECT_EQ(waitpid(orphan, &status, 0), orphan);
  EXPECT_TRUE(WIFSIGNALED(status));
  prctl(PR_SET_CHILD_SUBREAPER, 0);
}

}  // namespace
}  // namespace verdict
