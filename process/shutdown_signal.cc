#include "process/shutdown_signal.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "absl/time/time.h"
#include "common/logging.h"
#include "common/steady_clock.h"

namespace verdict {
namespace {

sigset_t ShutdownSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

ShutdownSignal::ShutdownSignal(absl::Duration one_request) : one_request_(one_request), wake_fd_(eventfd(0, EFD_CLOEXEC)) {
  const sigset_t set = ShutdownSignals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  thread_ = std::thread([this] { Run(); });
}

ShutdownSignal::~ShutdownSignal() {
  stopping_ = true;
  eventfd_write(wake_fd_, 1);
  thread_.join();
  close(wake_fd_);
}

int ShutdownSignal::Wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return received_ != 0; });
  return received_;
}

int ShutdownSignal::WaitFor(absl::Duration most) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, absl::ToChronoMilliseconds(most), [this] { return received_ != 0; });
  return received_;
}

void ShutdownSignal::Trigger(int signal) {
  {
    const std::lock_guard lock(mutex_);
    if (received_ == 0) received_ = signal;
  }
  changed_.notify_all();
}

void ShutdownSignal::EndBy(absl::Time time) {
  {
    const std::lock_guard lock(mutex_);
    end_by_ = time;
  }
  eventfd_write(wake_fd_, 1);
}

int ShutdownSignal::UntilEnd() {
  const std::lock_guard lock(mutex_);
  if (end_by_ == absl::InfiniteFuture()) return -1;
  const absl::Duration left = end_by_ - SteadyNow();
  if (left <= absl::ZeroDuration()) {
    FlushLog();
    std::_Exit(0);
  }
  return static_cast<int>(std::min<int64_t>(absl::ToInt64Milliseconds(left) + 1, 60'000));
}

void ShutdownSignal::Run() {
  const sigset_t set = ShutdownSignals();
  const int signals = signalfd(-1, &set, SFD_CLOEXEC);
  std::optional<absl::Time> first;
  pollfd fds[] = {{signals, POLLIN, 0}, {wake_fd_, POLLIN, 0}};
  while (!stopping_) {
    const int ready = poll(fds, 2, UntilEnd());
    eventfd_t woken;
    if (ready > 0 && (fds[1].revents & POLLIN) != 0) eventfd_read(wake_fd_, &woken);
    if (ready <= 0 || (fds[0].revents & POLLIN) == 0) continue;
    signalfd_siginfo info;
    if (read(signals, &info, sizeof(info)) != sizeof(info)) continue;
    const int number = static_cast<int>(info.ssi_signo);
    const absl::Time now = SteadyNow();
    // Asked twice: the operator does not want to wait.
    if (first && now - *first >= one_request_) {
      FlushLog();
      std::_Exit(128 + number);
    }
    if (!first) first = now;
    Trigger(number);
  }
  close(signals);
}

}  // namespace verdict
