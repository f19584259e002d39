#include "services/classifier/watchdog.h"

#include <optional>

#include "common/logging.h"

namespace verdict {

Watchdog::Watchdog(const ForwardWatch& passes, HealthService& health, absl::Duration interval)
    : passes_(passes), health_(health), thread_([this, interval] { Run(interval); }) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Watchdog::Run(absl::Duration interval) {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, absl::ToChronoMilliseconds(interval), [this] { return stopping_; })) Look();
}

void Watchdog::Look() {
  const std::optional<ForwardWatch::Stuck> stuck = passes_.FindStuck();
  if (stuck.has_value() == stuck_) return;
  stuck_ = stuck.has_value();
  health_.SetLive(!stuck_);
  if (!stuck_) return LogWarning("the model moves again; serving");
  const int64_t since_ms = absl::ToInt64Milliseconds(stuck->since);
  if (stuck->tokens == 0)
    return LogError("a queue does not move; not serving", {{"model", stuck->model}, {"since_ms", since_ms}});
  LogError("a forward pass does not end; not serving",
           {{"model", stuck->model}, {"lane", stuck->lane}, {"tokens", stuck->tokens}, {"since_ms", since_ms}});
}

}  // namespace verdict
