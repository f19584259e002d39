// What reading JSON costs, counted where all of this program's memory comes from.
#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>

#include "gateway/json/json_body.h"
#include "gtest/gtest.h"

namespace {

std::atomic<size_t> live_bytes{0}, peak_bytes{0};

}  // namespace

void* operator new(size_t size) {
  void* const memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  const size_t live = live_bytes += malloc_usable_size(memory);
  if (live > peak_bytes) peak_bytes = live;
  return memory;
}

void operator delete(void* memory) noexcept {
  live_bytes -= malloc_usable_size(memory);
  std::free(memory);
}
void operator delete(void* memory, size_t) noexcept { operator delete(memory); }

namespace verdict {
namespace {

// The most bytes that were in use at once while the value of `text` was made.
size_t PeakOfValue(const std::string& text, int expected_status) {
  JsonBody body(text);
  body.OutlineIfGood();
  const size_t before = live_bytes;
  peak_bytes = before;
  const auto value = body.Value();
  const auto* problem = std::get_if<Problem>(&value);
  EXPECT_EQ(problem == nullptr ? 200 : problem->status, expected_status);
  return peak_bytes - before;
}

std::string List(size_t count, const std::string& element) {
  std::string list = "[" + element;
  for (size_t i = 1; i < count; ++i) list += "," + element;
  return list + "]";
}

TEST(JsonMemoryTest, OneLimitBoundsValuesAndWhatParsingNeeds) {
  constexpr size_t kLimit = 128 << 20, kSlack = 1 << 20;
  EXPECT_LT(PeakOfValue(List(300'000, "[[0]]"), 200), kLimit + kSlack);
  EXPECT_LT(PeakOfValue("[\"" + std::string(25 << 20, 'a') + "\"]", 200), kLimit + kSlack);
  EXPECT_LT(PeakOfValue("[\"" + std::string(100 << 20, 'a') + "\"]", 413), kLimit + kSlack);
  EXPECT_GT(PeakOfValue(List(100'000, "0"), 200), 100'000u * sizeof(boost::json::value)) << "it counts";
}

TEST(JsonMemoryTest, TooManyValuesAreNotMade) {
  EXPECT_GT(PeakOfValue(List(kMaxJsonValues - 1, "0"), 200), kMaxJsonValues * sizeof(boost::json::value))
      << "with the list itself";
  EXPECT_LT(PeakOfValue(List(kMaxJsonValues, "0"), 413), size_t{1} << 20);
  EXPECT_LT(PeakOfValue(List(kMaxJsonValues / 2, "[]") + "]", 400), size_t{1} << 20);
}

}  // namespace
}  // namespace verdict
