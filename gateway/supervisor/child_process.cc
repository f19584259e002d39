#include "gateway/supervisor/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace verdict {
namespace {

constexpr int kReportDescriptor = 3;
constexpr int kCannotExecute = 127;  // as a shell says it

// What the child needs, made before fork: between fork and exec only async-signal-safe functions may run.
struct ChildPlan {
  std::vector<char*> arguments;
  pid_t parent;
  int report;  // where errno goes when exec fails
};

[[noreturn]] void Report(int descriptor) {
  const int error = errno;
  [[maybe_unused]] const ssize_t written = write(descriptor, &error, sizeof(error));
  _exit(kCannotExecute);
}

[[noreturn]] void RunChild(const ChildPlan& plan) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != plan.parent) _exit(kCannotExecute);  // the parent died before the line above
  struct sigaction standard = {};
  standard.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) sigaction(number, &standard, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if (plan.report != kReportDescriptor) dup2(plan.report, kReportDescriptor);
  fcntl(kReportDescriptor, F_SETFD, FD_CLOEXEC);
  closefrom(kReportDescriptor + 1);
  if (const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC); nothing >= 0) dup2(nothing, STDIN_FILENO);
  execv(plan.arguments[0], plan.arguments.data());
  Report(kReportDescriptor);
}

// With every signal blocked, so that no handler of the parent runs in the child.
pid_t ForkAndRun(const ChildPlan& plan) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = fork();
  if (pid == 0) RunChild(plan);
  const int error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return pid;
}

// errno of a failed exec; 0 once the program runs.
int ReadReport(int descriptor) {
  int error = 0;
  ssize_t size;
  do {
    size = read(descriptor, &error, sizeof(error));
  } while (size < 0 && errno == EINTR);
  return size == sizeof(error) ? error : 0;
}

}  // namespace

std::string ProcessEnd::Describe() const {
  if (signal != 0) return absl::StrCat("was killed by signal ", signal, " (", strsignal(signal), ")");
  return absl::StrCat("exited with code ", exit_code);
}

absl::StatusOr<std::unique_ptr<ChildProcess>> ChildProcess::Spawn(Options options) {
  ChildPlan plan{.arguments = {}, .parent = getpid(), .report = -1};
  for (std::string& argument : options.command) plan.arguments.push_back(argument.data());
  plan.arguments.push_back(nullptr);
  int report[2];
  if (pipe2(report, O_CLOEXEC) != 0) return absl::ErrnoToStatus(errno, "cannot make a pipe");
  plan.report = report[1];
  const pid_t pid = ForkAndRun(plan);
  const int fork_error = errno;
  close(report[1]);
  const int exec_error = pid > 0 ? ReadReport(report[0]) : 0;
  close(report[0]);
  if (pid < 0) return absl::ErrnoToStatus(fork_error, "cannot make a process");
  if (exec_error == 0) return std::unique_ptr<ChildProcess>(new ChildProcess(pid, options.reap_others));
  waitpid(pid, nullptr, 0);
  return absl::ErrnoToStatus(exec_error, absl::StrCat("cannot execute ", options.command.front()));
}

ChildProcess::~ChildProcess() {
  Signal(SIGKILL);
  Wait();
}

void ChildProcess::AwaitEnd() const {
  for (;;) {
    siginfo_t info = {};
    const idtype_t whom = reap_others_ ? P_ALL : P_PID;
    // WNOWAIT: the number stays taken until Signal() knows that it must not be used.
    const int result = waitid(whom, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT);
    if (result != 0 && errno == EINTR) continue;
    if (result != 0 || info.si_pid == pid_) return;
    waitpid(info.si_pid, nullptr, WNOHANG);
  }
}

ProcessEnd ChildProcess::Wait() {
  {
    const std::lock_guard lock(mutex_);
    if (reaped_) return {};
  }
  AwaitEnd();
  const std::lock_guard lock(mutex_);
  kill(-pid_, SIGKILL);  // the group lives as long as its leader is not reaped
  int status = 0;
  waitpid(pid_, &status, 0);
  reaped_ = true;
  if (WIFSIGNALED(status)) return {128 + WTERMSIG(status), WTERMSIG(status)};
  return {WEXITSTATUS(status), 0};
}

void ChildProcess::Signal(int number) {
  const std::lock_guard lock(mutex_);
  if (!reaped_) kill(number == SIGKILL ? -pid_ : pid_, number);
}

}  // namespace verdict
