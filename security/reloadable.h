#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace verdict {

// A value that one thread replaces while others use the one they have. Thread-safe.
template <typename T>
class Reloadable {
 public:
  std::shared_ptr<const T> get() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }

  void Set(T value) {
    auto fresh = std::make_shared<const T>(std::move(value));
    const std::lock_guard lock(mutex_);
    value_.swap(fresh);  // the old one goes when the lock is gone
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
};

}  // namespace verdict
