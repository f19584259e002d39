#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace verdict {

// What Hugging Face's `tokenizers` package takes each code point for, asked from the package itself (tools/unicode/generate.py):
// it mixes several versions of the Unicode data, so no library agrees with it on every code point. Plain functions over constant
// tables; any thread. `code_point` is below 0x110000.
struct CharProperties {
  uint8_t flags;            // CharFlag
  uint8_t combining_class;  // canonical combining class; 0 for a starter
  uint8_t more_flags;       // MoreCharFlag
  uint8_t grapheme;         // GraphemeClass, and ConjunctRole beside it
};

enum CharFlag : uint8_t {
  kDropped = 1,         // removed by the cleaning of BERT: controls, formats, private use, U+0000 and U+FFFD
  kSpace = 2,           // white space
  kPunctuation = 4,     // a word of its own
  kNonspacingMark = 8,  // removed when accents are stripped
  kWordCharacter = 16,  // \w where an added token has to stand alone
  kIdeograph = 32,      // gets a space on both sides
  kRegexWord = 64,      // \w of the Whitespace pre-tokenizer
};

enum MoreCharFlag : uint8_t {
  kLetter = 1,             // \p{L}
  kNumber = 2,             // \p{N}
  kRegexSpace = 4,         // \s
  kMark = 8,               // removed by StripAccents
  kNumeric = 16,           // a digit of the Digits pre-tokenizer
  kNfcStable = 32,         // its own NFC whatever stands beside it, unless that is not stable
  kNfkcStable = 64,        // the same of NFKC
  kComposesBackward = 128  // may join the character before it
};

// How a character takes part in grapheme clusters (Unicode Standard Annex 29). Carriage return and line feed are controls here.
enum class GraphemeClass : uint8_t {
  kOther,
  kControl,
  kExtend,
  kSpacingMark,
  kJoiner,
  kPrepend,
  kHangulL,
  kHangulV,
  kHangulT,
  kHangulLV,
  kHangulLVT,
  kPictograph,
};

enum ConjunctRole : uint8_t { kConjunctConsonant = 16, kConjunctLinker = 32, kConjunctExtend = 64 };
inline constexpr bool kJoinsConjuncts = true;  // whether the package keeps Indic conjuncts together

namespace unicode_data {

inline constexpr int kPropertyShift = 8;
inline constexpr int kDecompositionShift = 8;
inline constexpr int kLowercaseShift = 8;
inline constexpr int kCompatibilityShift = 7;

extern const CharProperties kPropertyRecords[];
extern const uint16_t kPropertyBlocks[];
extern const uint8_t kPropertyEntries[];
extern const uint16_t kDecompositionBlocks[];
extern const uint16_t kDecompositionEntries[];
extern const char32_t kDecompositionPool[];  // length, code points
extern const uint16_t kLowercaseBlocks[];
extern const uint16_t kLowercaseEntries[];
extern const char32_t kLowercasePool[];  // length, code points
extern const uint16_t kCompatibilityBlocks[];
extern const uint16_t kCompatibilityEntries[];
extern const char32_t kCompatibilityPool[];  // length, code points
extern const size_t kCompositionCount;
extern const char32_t kCompositionFirst[];  // sorted, together with the second
extern const char32_t kCompositionSecond[];
extern const char32_t kCompositionResult[];

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

inline GraphemeClass GraphemeClassOf(const CharProperties& properties) {
  return static_cast<GraphemeClass>(properties.grapheme & 15);
}

// The full compatibility decomposition; empty when it is the canonical one.
inline std::u32string_view CompatibilityDecompositionOf(char32_t code_point) {
  using namespace unicode_data;
  const char32_t* entry = kCompatibilityPool + Find<kCompatibilityShift>(kCompatibilityBlocks, kCompatibilityEntries, code_point);
  return {entry + 1, static_cast<size_t>(*entry)};
}

// The character that two characters join to in NFC, or 0.
char32_t Compose(char32_t first, char32_t second);

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
