#include "gateway/dialects/python_text.h"

#include <algorithm>
#include <array>

namespace verdict {
namespace {

// The characters that str.isspace knows beyond ASCII, as UTF-8: U+0085, U+00A0, U+1680, U+2000 to U+200A, U+2028, U+2029, U+202F,
// U+205F, U+3000.
constexpr std::array<std::string_view, 19> kWideSpaces = {
    "\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81", "\xE2\x80\x82", "\xE2\x80\x83",
    "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86", "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A",
    "\xE2\x80\xA8", "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80"};

bool IsAsciiSpace(char c) { return (c >= '\t' && c <= '\r') || (c >= '\x1C' && c <= ' '); }

// Bytes of the space that `text` begins with; 0: it begins with none.
size_t SpaceAtFront(std::string_view text) {
  if (IsAsciiSpace(text.front())) return 1;
  const auto* const space = std::find_if(kWideSpaces.begin(), kWideSpaces.end(),
                                         [&](std::string_view candidate) { return text.starts_with(candidate); });
  return space == kWideSpaces.end() ? 0 : space->size();
}

}  // namespace

size_t CountCodePoints(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool IsBlank(std::string_view text) {
  while (!text.empty()) {
    const size_t size = SpaceAtFront(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace verdict
