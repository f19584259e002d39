#include "services/classifier/engine/arena.h"

#include <algorithm>

namespace verdict {

void* Arena::TakeBytes(size_t bytes) {
  constexpr size_t kAlignment = 64, kSmallest = 256U << 10U;
  bytes = RoundUp(bytes, kAlignment);
  while (block_ < blocks_.size() && used_ + bytes > blocks_[block_].bytes()) {
    ++block_;
    used_ = 0;
  }
  if (block_ == blocks_.size()) {
    // Whole large pages, once they are wanted at all.
    const size_t wanted = std::max({bytes, kSmallest, this->bytes()});
    blocks_.emplace_back(wanted < kLargePage ? wanted : RoundUp(wanted, kLargePage));
  }
  void* const taken = static_cast<std::byte*>(blocks_[block_].data()) + used_;
  used_ += bytes;
  return taken;
}

size_t Arena::bytes() const {
  size_t sum = 0;
  for (const AlignedBuffer& block : blocks_) sum += block.bytes();
  return sum;
}

Arena::Scope::~Scope() {
  arena_.block_ = block_;
  arena_.used_ = used_;
  if (block_ != 0 || used_ != 0 || arena_.blocks_.size() < 2) return;
  // Everything has been given back: one block of the size of all, so that the next pass of this size fits.
  const size_t bytes = arena_.bytes();
  arena_.blocks_.clear();
  arena_.blocks_.emplace_back(bytes);
}

}  // namespace verdict
