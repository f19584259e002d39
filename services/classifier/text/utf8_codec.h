#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace verdict {

struct DecodedChar {
  char32_t code_point;
  int length;  // in bytes
};

// The character at the start of `text`, which is not empty and well-formed UTF-8. Malformed text gives some code point, but never
// one beyond 0x10FFFF or a read past the end.
inline DecodedChar DecodeChar(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(text[i])); };
  const char32_t first = byte(0);
  if (first < 0x80) return {first, 1};
  if (first < 0xE0 && text.size() >= 2) return {(first & 0x1F) << 6 | (byte(1) & 0x3F), 2};
  if (first < 0xF0 && text.size() >= 3) return {(first & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F), 3};
  if (first < 0xF5 && text.size() >= 4) {
    const char32_t c = (first & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
    if (c < 0x110000) return {c, 4};
  }
  return {0xFFFD, 1};
}

// The character that ends at the end of `text`, which is not empty and well-formed UTF-8.
inline DecodedChar DecodeLastChar(std::string_view text) {
  size_t start = text.size() - 1;
  while (start > 0 && text.size() - start < 4 && (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80) --start;
  return DecodeChar(text.substr(start));
}

inline void AppendUtf8(char32_t c, std::string& out) {
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    const char bytes[] = {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 0x3F))};
    out.append(bytes, sizeof(bytes));
  } else if (c < 0x10000) {
    const char bytes[] = {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3F)),
                          static_cast<char>(0x80 | (c & 0x3F))};
    out.append(bytes, sizeof(bytes));
  } else {
    const char bytes[] = {static_cast<char>(0xF0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 0x3F)),
                          static_cast<char>(0x80 | (c >> 6 & 0x3F)), static_cast<char>(0x80 | (c & 0x3F))};
    out.append(bytes, sizeof(bytes));
  }
}

}  // namespace verdict
