#pragma once

#include <atomic>

namespace verdict {

// Where a gateway stands between its start and its end. Shared by the handlers that tell it and by who ends the gateway;
// thread-safe.
class Lifecycle {
 public:
  // The service has served: the start is over, for good.
  void SeeServing() { started_ = true; }
  bool started() const { return started_; }

  // The gateway is about to end: it still answers, and wants no new callers.
  void Leave() { leaving_ = true; }
  bool leaving() const { return leaving_; }

 private:
  std::atomic<bool> started_{false};
  std::atomic<bool> leaving_{false};
};

}  // namespace verdict
