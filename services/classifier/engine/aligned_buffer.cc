#include "services/classifier/engine/aligned_buffer.h"

#include <sys/mman.h>

#include <algorithm>
#include <new>
#include <utility>

namespace verdict {
namespace {

constexpr size_t kLargePage = 2U << 20U, kSmallPage = 4096;

}  // namespace

AlignedBuffer::AlignedBuffer(size_t bytes) : bytes_(bytes) {
  if (bytes == 0) return;
  const size_t spare = bytes < kLargePage ? 0 : kLargePage;
  void* const mapped = mmap(nullptr, bytes + spare, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  data_ = mapped;
  if (spare == 0) return;
  const auto first = reinterpret_cast<uintptr_t>(mapped);
  const size_t before = (kLargePage - first % kLargePage) % kLargePage;
  data_ = static_cast<std::byte*>(mapped) + before;
  // The borders of small pages are those of mappings.
  const size_t whole = (bytes + kSmallPage - 1) / kSmallPage * kSmallPage;
  if (before > 0) munmap(mapped, before);
  if (spare > before) munmap(static_cast<std::byte*>(data_) + whole, spare - before);
  madvise(data_, bytes, MADV_HUGEPAGE);
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
  bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  if (buffer_ == nullptr || used_ + bytes > buffer_->bytes()) {
    buffer_ = std::make_shared<AlignedBuffer>(std::max(bytes, kBuffer));  // what is never touched takes no memory
    used_ = 0;
  }
  void* const piece = static_cast<std::byte*>(buffer_->data()) + used_;
  used_ += bytes;
  return {buffer_, piece};
}

}  // namespace verdict
