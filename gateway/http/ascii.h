#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace verdict {

// Header names, media types and tokens compare by ASCII. On std::string_view, which abseil's functions do not take everywhere.
inline char AsciiLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

inline bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return AsciiLower(x) == AsciiLower(y); });
}

inline std::string AsciiToLower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), AsciiLower);
  return lower;
}

// Whether a value may be an id that is passed on and logged: 1 to `most` visible characters.
inline bool IsVisibleId(std::string_view id, size_t most) {
  return !id.empty() && id.size() <= most && std::all_of(id.begin(), id.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

inline std::string_view StripSpace(std::string_view text) {
  constexpr std::string_view kSpace = " \t";
  const size_t first = text.find_first_not_of(kSpace);
  return first == std::string_view::npos ? std::string_view() : text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

}  // namespace verdict
