#include "services/classifier/engine/aligned_buffer.h"

#include <sys/mman.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <new>
#include <system_error>
#include <utility>

namespace verdict {
namespace {

constexpr size_t kSmallPage = 4096;
// The first request of an endpoint that was started for it has been answered by then.
constexpr std::chrono::seconds kAfterStart(1);

}  // namespace

AlignedBuffer::AlignedBuffer(size_t bytes, Pages pages) : bytes_(bytes) {
  if (bytes == 0) return;
  const size_t spare = bytes < kLargePage ? 0 : kLargePage;
  void* const mapped = mmap(nullptr, bytes + spare, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  data_ = mapped;
  if (spare == 0) return;
  const auto first = reinterpret_cast<uintptr_t>(mapped);
  const size_t before = RoundUp(first, kLargePage) - first;
  data_ = static_cast<std::byte*>(mapped) + before;
  // The borders of small pages are those of mappings.
  const size_t whole = RoundUp(bytes, kSmallPage);
  if (before > 0) munmap(mapped, before);
  if (spare > before) munmap(static_cast<std::byte*>(data_) + whole, spare - before);
  if (pages == Pages::kLarge) madvise(data_, bytes, MADV_HUGEPAGE);
}

void AlignedBuffer::UseLargePages(const std::stop_token& stop) const {
  constexpr int kCollapse = 25;  // MADV_COLLAPSE, which Debian 12's headers do not name yet
  if (bytes_ < kLargePage || stop.stop_requested()) return;
  madvise(data_, bytes_, MADV_HUGEPAGE);
  for (size_t at = 0; at + kLargePage <= bytes_ && !stop.stop_requested(); at += kLargePage) {
    // Fails for what was never touched, and where there is no large page.
    madvise(static_cast<std::byte*>(data_) + at, kLargePage, kCollapse);
  }
}

AlignedBuffer::AlignedBuffer(AlignedBuffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}

AlignedBuffer& AlignedBuffer::operator=(AlignedBuffer&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

AlignedBuffer::~AlignedBuffer() {
  if (data_ != nullptr) munmap(data_, bytes_);
}

std::shared_ptr<void> PieceMemory::Take(size_t bytes) {
  constexpr size_t kAlignment = 64, kBuffer = 64U << 20U;
  bytes = RoundUp(bytes, kAlignment);
  if (buffers_.empty() || used_ + bytes > buffers_.back()->bytes()) {
    // What is never touched takes no memory.
    buffers_.push_back(std::make_shared<AlignedBuffer>(std::max(bytes, kBuffer), AlignedBuffer::Pages::kSmall));
    used_ = 0;
  }
  void* const piece = static_cast<std::byte*>(buffers_.back()->data()) + used_;
  used_ += bytes;
  return {buffers_.back(), piece};
}

LargePages::LargePages(PieceMemory::Buffers buffers) {
  const auto move = [buffers = std::move(buffers)](const std::stop_token& stop) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any stopped;
    if (stopped.wait_for(lock, stop, kAfterStart, [&stop] { return stop.stop_requested(); })) return;
    for (const auto& buffer : buffers) buffer->UseLargePages(stop);
  };
  try {
    thread_ = std::jthread(move);
  } catch (const std::system_error&) {  // no more threads for this process: it is only slower
  }
}

}  // namespace verdict
