#include "gateway/supervisor/supervisor.h"

#include <signal.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/logging.h"
#include "common/steady_clock.h"

namespace verdict {
namespace {

constexpr int kCannotExecute = 127;  // as a shell says it

}  // namespace

Supervisor::Supervisor(Options options, std::function<void(int)> give_up)
    : options_(std::move(options)),
      give_up_(std::move(give_up)),
      backoff_(options_.backoff),
      state_(absl::UnavailableError("the classification service is not started yet")) {}

Supervisor::~Supervisor() { Stop(absl::InfinitePast()); }

void Supervisor::Start() {
  began_ = SteadyNow();
  thread_ = std::thread([this] { Run(); });
}

void Supervisor::MarkReady() {
  const std::lock_guard lock(mutex_);
  if (ever_ready_) return;
  ever_ready_ = true;
  LogInfo("service ready", {{"after_ms", absl::ToInt64Milliseconds(SteadyNow() - began_)}});
}

void Supervisor::Replace(const std::string& why) {
  const std::lock_guard lock(mutex_);
  if (!child_ || stopping_ || !killed_because_.empty()) return;
  LogError("service does not live, killing it", {{"pid", child_->pid()}, {"why", why}});
  killed_because_ = why;
  child_->Signal(SIGKILL);
}

absl::Status Supervisor::State() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void Supervisor::Run() {
  while (ChildProcess* child = SpawnChild()) {
    const absl::Time began = SteadyNow();
    const ProcessEnd end = child->Wait();
    // Without being asked, a code of 0 is a failure, too.
    Ended(end.Describe(), std::max(end.exit_code, 1), SteadyNow() - began);
  }
  const std::lock_guard lock(mutex_);
  child_.reset();
  finished_ = true;
  changed_.notify_all();
}

ChildProcess* Supervisor::SpawnChild() {
  for (;;) {
    const auto child = TrySpawn();
    if (child.ok()) return *child;
    Ended(absl::StrCat("did not start: ", child.status().message()), kCannotExecute, absl::ZeroDuration());
  }
}

absl::StatusOr<ChildProcess*> Supervisor::TrySpawn() {
  const std::lock_guard lock(mutex_);  // so that Stop() comes before, or finds the child
  child_.reset();
  if (stopping_ || given_up_) return nullptr;
  auto child = ChildProcess::Spawn({.command = options_.command, .reap_others = options_.reap_others});
  if (!child.ok()) return child.status();
  child_ = *std::move(child);
  killed_because_.clear();
  state_ = absl::OkStatus();
  LogInfo("service started", {{"pid", child_->pid()}, {"program", options_.command.front()}});
  return child_.get();
}

void Supervisor::Ended(std::string how, int exit_code, absl::Duration lived) {
  std::unique_lock lock(mutex_);
  if (stopping_) return;
  if (!killed_because_.empty()) absl::StrAppend(&how, " by us because ", killed_because_);
  if (ever_ready_) {
    state_ = absl::UnavailableError(absl::StrCat("the classification service ", how, " and is being started again"));
    const absl::Duration wait = backoff_.Next(lived);
    ++restarts_;
    LogWarning("service ended, starting it again", {{"how", how}, {"wait_ms", absl::ToInt64Milliseconds(wait)}});
    changed_.wait_for(lock, absl::ToChronoMilliseconds(wait), [this] { return stopping_; });
    return;
  }
  state_ = absl::UnavailableError(absl::StrCat("the classification service ", how, " before it was ready"));
  given_up_ = true;
  LogError("service ended before it was ready, giving up", {{"how", how}, {"exit_code", exit_code}});
  give_up_(exit_code);
}

bool Supervisor::Stop(absl::Time deadline) {
  if (!thread_.joinable()) return true;
  const absl::Duration time = std::clamp(deadline - SteadyNow(), absl::ZeroDuration(), absl::Hours(24));
  bool ended;
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
    state_ = absl::UnavailableError("the classification service is shutting down");
    if (child_) child_->Signal(SIGTERM);
    ended = changed_.wait_for(lock, absl::ToChronoMilliseconds(time), [this] { return finished_; });
    if (child_) child_->Signal(SIGKILL);
  }
  thread_.join();
  return ended;
}

}  // namespace verdict
