#pragma once

#include <mutex>

namespace verdict {

// The one call that an exporter makes at a time, to be cancelled from another thread. `Context` is gRPC's ClientContext, and
// lives from a Begin that is true to End. Thread-safe.
template <typename Context>
class CallUnderWay {
 public:
  // False once all is cancelled: the call is not to be made, and its context is not kept.
  bool Begin(Context& context) {
    const std::lock_guard lock(mutex_);
    if (cancelled_) return false;
    context_ = &context;
    return true;
  }
  void End() {
    const std::lock_guard lock(mutex_);
    context_ = nullptr;
  }

  // This call, and every later one.
  void Cancel() {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    if (context_ != nullptr) context_->TryCancel();
  }

 private:
  std::mutex mutex_;
  Context* context_ = nullptr;
  bool cancelled_ = false;
};

}  // namespace verdict
