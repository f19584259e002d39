#pragma once

#include <atomic>
#include <cstdint>

namespace verdict {

// Bytes that many holders may have together. Thread-safe.
class SharedBytes {
 public:
  explicit SharedBytes(int64_t most) : most_(most) {}

  // Takes `bytes`, or nothing where that would be too many.
  bool Take(int64_t bytes) {
    if (taken_.fetch_add(bytes) + bytes <= most_) return true;
    taken_ -= bytes;
    return false;
  }
  void Return(int64_t bytes) { taken_ -= bytes; }

 private:
  const int64_t most_;
  std::atomic<int64_t> taken_{0};
};

}  // namespace verdict
