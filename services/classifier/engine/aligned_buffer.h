#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <thread>
#include <vector>

namespace verdict {

inline constexpr size_t kLargePage = 2U << 20U;

// The next multiple, or the value itself.
constexpr size_t RoundUp(size_t value, size_t multiple) { return (value + multiple - 1) / multiple * multiple; }

// Zeroed memory of its own pages. From two megabytes on it begins at a border of large pages. Movable.
class AlignedBuffer {
 public:
  enum class Pages {
    kLarge,  // at the first touch
    kSmall,  // until UseLargePages, unless the machine gives large ones to everybody
  };

  AlignedBuffer() = default;
  // Throws std::bad_alloc.
  explicit AlignedBuffer(size_t bytes, Pages pages = Pages::kLarge);
  AlignedBuffer(AlignedBuffer&& other) noexcept;
  AlignedBuffer& operator=(AlignedBuffer&& other) noexcept;
  ~AlignedBuffer();

  void* data() const { return data_; }
  size_t bytes() const { return bytes_; }

  // Moves what has been written to large pages, as far as the kernel has some (Linux 6.1; older ones do it in their own time).
  // The memory may be read meanwhile.
  void UseLargePages(const std::stop_token& stop) const;

 private:
  void* data_ = nullptr;
  size_t bytes_ = 0;
};

// Memory for what stays, cut from few large buffers, so that small pieces lie on large pages as well. Not thread-safe.
class PieceMemory {
 public:
  using Buffers = std::vector<std::shared_ptr<const AlignedBuffer>>;

  // Zeroed and aligned for any vector; lives as long as the pointer.
  std::shared_ptr<void> Take(size_t bytes);

  const Buffers& buffers() const { return buffers_; }

 private:
  Buffers buffers_;
  size_t used_ = 0;  // of the last
};

// Moves filled buffers to large pages on a thread of its own, a second after it was made. Weights are read from end to end in
// every pass, and with small pages a pass over a short text takes up to half as long again; but the kernel has small pages at
// hand, and large ones it must first put together, or fetch from the host of a virtual machine: half a second for BERT-base,
// which a start should not wait for.
class LargePages {
 public:
  explicit LargePages(PieceMemory::Buffers buffers);

 private:
  std::jthread thread_;
};

}  // namespace verdict
