#pragma once

#include <cstdint>
#include <string_view>

namespace verdict {

// What Hugging Face's `tokenizers` package takes each code point for, asked from the package itself (tools/unicode/generate.py):
// it mixes several versions of the Unicode data, so no library agrees with it on every code point. Plain functions over constant
// tables; any thread. `code_point` is below 0x110000.
struct CharProperties {
  uint8_t flags;            // CharFlag
  uint8_t combining_class;  // canonical combining class; 0 for a starter
};

enum CharFlag : uint8_t {
  kDropped = 1,         // removed by the cleaning of BERT: controls, formats, private use, U+0000 and U+FFFD
  kSpace = 2,           // white space
  kPunctuation = 4,     // a word of its own
  kNonspacingMark = 8,  // removed when accents are stripped
  kWordCharacter = 16,  // \w of a regular expression
  kIdeograph = 32,      // gets a space on both sides
};

namespace unicode_data {

inline constexpr int kPropertyShift = 7;
inline constexpr int kDecompositionShift = 8;
inline constexpr int kLowercaseShift = 8;

extern const CharProperties kPropertyRecords[];
extern const uint16_t kPropertyBlocks[];
extern const uint8_t kPropertyEntries[];
extern const uint16_t kDecompositionBlocks[];
extern const uint16_t kDecompositionEntries[];
extern const char32_t kDecompositionPool[];  // length, code points
extern const uint16_t kLowercaseBlocks[];
extern const uint16_t kLowercaseEntries[];
extern const char32_t kLowercasePool[];  // length, code points

template <int kShift, typename Entry>
Entry Find(const uint16_t* blocks, const Entry* entries, char32_t code_point) {
  return entries[(static_cast<size_t>(blocks[code_point >> kShift]) << kShift) + (code_point & ((1u << kShift) - 1))];
}

}  // namespace unicode_data

inline const CharProperties& PropertiesOf(char32_t code_point) {
  using namespace unicode_data;
  return kPropertyRecords[Find<kPropertyShift>(kPropertyBlocks, kPropertyEntries, code_point)];
}

// The lower case of one character, whatever its neighbours; empty when it is its own.
inline std::u32string_view LowercaseOf(char32_t code_point) {
  using namespace unicode_data;
  const char32_t* entry = kLowercasePool + Find<kLowercaseShift>(kLowercaseBlocks, kLowercaseEntries, code_point);
  return {entry + 1, static_cast<size_t>(*entry)};
}

inline constexpr int kLongestMapping = 4;

// The full canonical decomposition; empty when the character is its own. `hangul` is scratch space that the result may point
// into.
inline std::u32string_view DecompositionOf(char32_t code_point, char32_t (&hangul)[3]) {
  using namespace unicode_data;
  if (code_point >= 0xAC00 && code_point < 0xAC00 + 11172) {
    const char32_t index = code_point - 0xAC00;
    hangul[0] = 0x1100 + index / 588;
    hangul[1] = 0x1161 + index % 588 / 28;
    hangul[2] = 0x11A7 + index % 28;
    return {hangul, index % 28 == 0 ? 2u : 3u};
  }
  const char32_t* entry = kDecompositionPool + Find<kDecompositionShift>(kDecompositionBlocks, kDecompositionEntries, code_point);
  return {entry + 1, static_cast<size_t>(*entry)};
}

}  // namespace verdict
