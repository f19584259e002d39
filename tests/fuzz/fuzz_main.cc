#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/fuzz_target.h"

namespace verdict {

void Expect(bool holds, std::string_view sentence) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %.*s\n", static_cast<int>(sentence.size()), sentence.data());
  std::abort();
}

void ExpectSame(std::string_view one, std::string_view other, std::string_view sentence) {
  if (one == other) return;
  std::fprintf(stderr, "differ:\n%.*s\n%.*s\n", static_cast<int>(one.size()), one.data(), static_cast<int>(other.size()),
               other.data());
  Expect(false, sentence);
}

uint8_t FuzzInput::Byte() {
  if (rest_.empty()) return 0;
  const auto byte = static_cast<uint8_t>(rest_.front());
  rest_.remove_prefix(1);
  return byte;
}

size_t FuzzInput::Number(size_t most) { return Byte() % (most + 1); }

std::string_view FuzzInput::Line() {
  const std::string_view line = rest_.substr(0, rest_.find('\n'));
  rest_.remove_prefix(std::min(rest_.size(), line.size() + 1));
  return line;
}

std::string_view Slicer::Next() {
  size_t size = rest_.size();
  if (state_ != 0) {
    state_ = state_ * 1664525 + 1013904223;  // Numerical Recipes' generator: short, and good enough for this
    const uint32_t random = state_ >> 16;
    // Mostly single bytes and short pieces, sometimes long ones.
    size = std::min(size, size_t{1} + (random % 4 == 0 ? random % 512 : random % 4));
  }
  const std::string_view piece = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return piece;
}

std::string Repeated(std::string_view text, size_t size) {
  std::string all;
  while (!text.empty() && all.size() < size) all += text;
  return all;
}

}  // namespace verdict

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  verdict::Fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}
