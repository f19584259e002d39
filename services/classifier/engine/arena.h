#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "services/classifier/engine/aligned_buffer.h"

namespace verdict {

// Memory for the intermediate results of one thread. What has been taken is given back in the reverse order, by scopes, and used
// again: once the largest batch has been seen, nothing is allocated any more. Not thread-safe.
class Arena {
 public:
  // Aligned for any vector; not initialised.
  template <typename T>
  T* Take(int64_t count) {
    return static_cast<T*>(TakeBytes(static_cast<size_t>(count) * sizeof(T)));
  }

  // Gives back, when it ends, what was taken since it began.
  class Scope {
   public:
    explicit Scope(Arena& arena) : arena_(arena), block_(arena.block_), used_(arena.used_) {}
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Arena& arena_;
    size_t block_, used_;
  };

  size_t bytes() const;

 private:
  void* TakeBytes(size_t bytes);

  std::vector<AlignedBuffer> blocks_;
  size_t block_ = 0;  // the one that is being used
  size_t used_ = 0;   // bytes of it
};

}  // namespace verdict
