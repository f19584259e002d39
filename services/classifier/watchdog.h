#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "absl/time/time.h"
#include "services/classifier/batching/forward_watch.h"
#include "services/classifier/rpc/health_service.h"

namespace verdict {

// Looks after the models, on a thread of its own: while one is stuck, health says that the service neither lives nor serves; once
// it moves after all, health is as before. Both are logged.
class Watchdog {
 public:
  // Both outlive it.
  Watchdog(const ForwardWatch& passes, HealthService& health, absl::Duration interval);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;

 private:
  void Run(absl::Duration interval);
  void Look();

  const ForwardWatch& passes_;
  HealthService& health_;
  bool stuck_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace verdict
