#include "services/classifier/engine/arena.h"

#include <cstring>

#include "gmock/gmock.h"

namespace verdict {
namespace {

TEST(ArenaTest, ScopesGiveBackWhatTheyTook) {
  Arena arena;
  float* first = nullptr;
  {
    const Arena::Scope scope(arena);
    first = arena.Take<float>(10);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(first) % 64, 0u);
    EXPECT_NE(arena.Take<float>(10), first);
  }
  const Arena::Scope scope(arena);
  EXPECT_EQ(arena.Take<float>(10), first);
}

TEST(ArenaTest, KeepsWhatIsInUseWhenItGrows) {
  Arena arena;
  const Arena::Scope scope(arena);
  auto* const small = arena.Take<char>(100);
  std::memset(small, 7, 100);
  for (int i = 0; i < 10; ++i) std::memset(arena.Take<char>(3 << 20), 1, 3 << 20);
  EXPECT_EQ(small[99], 7);
}

TEST(ArenaTest, DoesNotGrowOnceItHasSeenTheLargest) {
  Arena arena;
  const auto use = [&](int64_t bytes) {
    const Arena::Scope scope(arena);
    for (int i = 0; i < 5; ++i) {
      const Arena::Scope inner(arena);
      std::memset(arena.Take<char>(bytes), 1, static_cast<size_t>(bytes));
      std::memset(arena.Take<char>(bytes / 2), 1, static_cast<size_t>(bytes / 2));
    }
  };
  use(10 << 20);
  const size_t bytes = arena.bytes();
  EXPECT_GE(bytes, 15u << 20U);
  for (int64_t i = 1; i <= 10; ++i) use(i << 20U);
  EXPECT_EQ(arena.bytes(), bytes);
}

}  // namespace
}  // namespace verdict
