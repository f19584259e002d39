#include "services/classifier/ending.h"

#include <signal.h>

#include <algorithm>
#include <cstdlib>

#include "absl/time/clock.h"
#include "common/logging.h"
#include "common/steady_clock.h"

namespace verdict {
namespace {

// Beyond the time to drain, what is left to a process that does not end by itself: while a pass is stuck, say.
constexpr absl::Duration kLastMoment = absl::Seconds(1);

}  // namespace

Ending::Ending(Server& server, const LifecycleOptions& options, ShutdownSignal& shutdown)
    : server_(server), options_(options), shutdown_(shutdown), thread_([this] { Run(); }) {}

Ending::~Ending() { thread_.join(); }

void Ending::StartIsOver(bool ready) {
  ready_ = ready;
  starting_ = false;
}

void Ending::Cancel() {
  cancelled_ = true;
  shutdown_.Trigger(SIGTERM);
}

void Ending::Run() {
  const int signal = shutdown_.Wait();
  if (cancelled_) return;
  const absl::Time deadline = SteadyNow() + absl::Milliseconds(options_.drain_timeout_ms);
  shutdown_.EndBy(deadline + kLastMoment);
  server_.Leave();
  if (options_.lame_duck_ms > 0 && ready_) {
    LogInfo("leaving", {{"signal", signal}, {"lame_duck_ms", options_.lame_duck_ms}});
    absl::SleepFor(absl::Milliseconds(std::min(options_.lame_duck_ms, options_.drain_timeout_ms)));
  }
  LogInfo("draining", {{"signal", signal}});
  server_.Drain(deadline);
  LogInfo("stopped");
  // A load takes no orders, and nobody needs what it makes.
  if (starting_ || server_.IsLoading()) {
    FlushLog();
    std::_Exit(0);
  }
}

}  // namespace verdict
