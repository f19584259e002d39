#include <algorithm>

#include "services/classifier/text/unicode_data.h"

namespace verdict {
namespace {

// Hangul syllables compose by arithmetic (the Unicode Standard, section 3.12).
constexpr char32_t kLeading = 0x1100;
constexpr char32_t kVowel = 0x1161;
constexpr char32_t kTrailing = 0x11A7;  // one before the first, so that "none" counts
constexpr char32_t kSyllable = 0xAC00;

char32_t ComposeHangul(char32_t first, char32_t second) {
  if (first - kLeading < 19 && second - kVowel < 21) return kSyllable + ((first - kLeading) * 21 + (second - kVowel)) * 28;
  const bool without_trailing = first - kSyllable < 11172 && (first - kSyllable) % 28 == 0;
  if (without_trailing && second > kTrailing && second - kTrailing < 28) return first + (second - kTrailing);
  return 0;
}

}  // namespace

char32_t Compose(char32_t first, char32_t second) {
  using namespace unicode_data;
  if (const char32_t syllable = ComposeHangul(first, second)) return syllable;
  const char32_t* end = kCompositionFirst + kCompositionCount;
  const auto [low, high] = std::equal_range(kCompositionFirst, end, first);
  const char32_t* begin_second = kCompositionSecond + (low - kCompositionFirst);
  const char32_t* end_second = kCompositionSecond + (high - kCompositionFirst);
  const char32_t* found = std::lower_bound(begin_second, end_second, second);
  return found != end_second && *found == second ? kCompositionResult[found - kCompositionSecond] : 0;
}

}  // namespace verdict
