#include "services/classifier/engine/aligned_buffer.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"

namespace verdict {
namespace {

TEST(AlignedBufferTest, IsZeroedAndWritableToItsEnd) {
  for (const size_t bytes : {size_t{1}, size_t{5000}, size_t{2} << 20U, (size_t{5} << 20U) + 77}) {
    AlignedBuffer buffer(bytes);
    auto* const data = static_cast<unsigned char*>(buffer.data());
    EXPECT_TRUE(std::all_of(data, data + bytes, [](unsigned char value) { return value == 0; }));
    std::memset(data, 1, bytes);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(data) % (bytes >= 2U << 20U ? 2U << 20U : 4096U), 0u);
    const AlignedBuffer moved = std::move(buffer);
    EXPECT_EQ(moved.data(), data);
  }
  EXPECT_EQ(AlignedBuffer(0).data(), nullptr);
}

// Of this process, in large pages of anonymous memory.
size_t LargePageBytes() {
  std::ifstream rollup("/proc/self/smaps_rollup");
  for (std::string name; rollup >> name;) {
    size_t kilobytes = 0;
    if (name == "AnonHugePages:" && rollup >> kilobytes) return kilobytes << 10U;
  }
  return 0;
}

// Whether this kernel moves memory to large pages when it is asked.
bool KernelMoves() {
  constexpr size_t kBytes = 4U << 20U;
  const AlignedBuffer buffer(kBytes, AlignedBuffer::Pages::kSmall);
  std::memset(buffer.data(), 1, kBytes);
  return madvise(buffer.data(), kBytes, 25) == 0;  // MADV_COLLAPSE
}

TEST(AlignedBufferTest, WhatHasBeenWrittenMovesToLargePagesUnchanged) {
  if (!KernelMoves()) GTEST_SKIP() << "the kernel has no large pages, or no MADV_COLLAPSE";
  constexpr size_t kBytes = 8U << 20U;
  const size_t before = LargePageBytes();
  const AlignedBuffer buffer(kBytes, AlignedBuffer::Pages::kSmall);
  auto* const data = static_cast<unsigned char*>(buffer.data());
  for (size_t i = 0; i < kBytes; ++i) data[i] = static_cast<unsigned char>(i % 251);
  buffer.UseLargePages({});
  for (size_t i = 0; i < kBytes; ++i) ASSERT_EQ(data[i], i % 251);
  EXPECT_GT(LargePageBytes(), before);
}

TEST(AlignedBufferTest, MovingEndsWhenItIsTold) {
  std::stop_source stop;
  stop.request_stop();
  const AlignedBuffer buffer(8U << 20U, AlignedBuffer::Pages::kSmall);
  std::memset(buffer.data(), 1, buffer.bytes());
  const size_t before = LargePageBytes();
  buffer.UseLargePages(stop.get_token());
  EXPECT_EQ(LargePageBytes(), before);
}

TEST(PieceMemoryTest, PiecesDoNotOverlapAndOutliveIt) {
  std::vector<std::shared_ptr<void>> pieces;
  {
    PieceMemory memory;
    for (size_t i = 1; i <= 40; ++i) {
      pieces.push_back(memory.Take(i * 100'003));  // more than one buffer
      EXPECT_EQ(reinterpret_cast<uintptr_t>(pieces.back().get()) % 64, 0u);
      std::memset(pieces.back().get(), static_cast<int>(i), i * 100'003);
    }
    pieces.push_back(memory.Take(size_t{70} << 20U));  // larger than a buffer
  }
  for (size_t i = 1; i <= 40; ++i) {
    const auto* const data = static_cast<const unsigned char*>(pieces[i - 1].get());
    EXPECT_TRUE(std::all_of(data, data + i * 100'003, [i](unsigned char value) { return value == i; })) << i;
  }
}

}  // namespace
}  // namespace verdict
