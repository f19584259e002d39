#pragma once

#include <atomic>
#include <thread>

#include "process/shutdown_signal.h"
#include "services/classifier/lifecycle_options.h"
#include "services/classifier/server.h"

namespace verdict {

// Ends a server when a signal asks for it, on a thread of its own, so that models may be loaded meanwhile on the caller's: lame
// duck, drain, and in time, whatever still runs. Everything it is given outlives it.
class Ending {
 public:
  Ending(Server& server, const LifecycleOptions& options, ShutdownSignal& shutdown);
  // Returns when the server has ended; only once a signal has come, or Cancel.
  ~Ending();

  // The models of the start are loaded, or will not be. Until then the process ends without waiting for them; only a server that
  // is ready has callers who need a lame duck.
  void StartIsOver(bool ready);

  // Leaves the server alone: the start has failed.
  void Cancel();

 private:
  void Run();

  Server& server_;
  const LifecycleOptions& options_;
  ShutdownSignal& shutdown_;
  std::atomic<bool> starting_{true};
  std::atomic<bool> ready_{false};
  std::atomic<bool> cancelled_{false};
  std::thread thread_;
};

}  // namespace verdict
