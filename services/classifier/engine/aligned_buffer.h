#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace verdict {

// Zeroed memory of its own pages. From two megabytes on it begins at a border of large pages and asks for them: weights are read
// from end to end in every pass, and with small pages a pass over a short text takes half as long again. Movable.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  // Throws std::bad_alloc.
  explicit AlignedBuffer(size_t bytes);
  AlignedBuffer(AlignedBuffer&& other) noexcept;
  AlignedBuffer& operator=(AlignedBuffer&& other) noexcept;
  ~AlignedBuffer();

  void* data() const { return data_; }
  size_t bytes() const { return bytes_; }

 private:
  void* data_ = nullptr;
  size_t bytes_ = 0;
};

// Memory for what stays, cut from few large buffers, so that small pieces lie on large pages as well. Not thread-safe.
class PieceMemory {
 public:
  // Zeroed and aligned for any vector; lives as long as the pointer.
  std::shared_ptr<void> Take(size_t bytes);

 private:
  std::shared_ptr<AlignedBuffer> buffer_;
  size_t used_ = 0;
};

}  // namespace verdict
