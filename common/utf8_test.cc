#include "common/utf8.h"

#include <string>

#include "gtest/gtest.h"

namespace verdict {
namespace {

std::string Encode(uint32_t cp) {
  std::string out;
  if (cp < 0x80) {
    out += static_cast<char>(cp);
  } else if (cp < 0x800) {
    out += static_cast<char>(0xC0 | (cp >> 6));
    out += static_cast<char>(0x80 | (cp & 0x3F));
  } else if (cp < 0x10000) {
    out += static_cast<char>(0xE0 | (cp >> 12));
    out += static_cast<char>(0x80 | ((cp >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (cp & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (cp >> 18));
    out += static_cast<char>(0x80 | ((cp >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((cp >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (cp & 0x3F));
  }
  return out;
}

TEST(FindInvalidUtf8, AcceptsEveryScalarValueAndNoSurrogate) {
  for (uint32_t cp = 0; cp <= 0x10FFFF; ++cp) {
    const bool surrogate = cp >= 0xD800 && cp <= 0xDFFF;
    const auto found = FindInvalidUtf8("ab" + Encode(cp) + "c");
    ASSERT_EQ(found.has_value(), surrogate) << "U+" << std::hex << cp;
    if (surrogate) {
      ASSERT_EQ(*found, 2u);
    }
  }
}

TEST(FindInvalidUtf8, AcceptsTheEmptyText) { EXPECT_EQ(FindInvalidUtf8(""), std::nullopt); }

TEST(FindInvalidUtf8, NamesTheFirstBadByte) {
  const struct {
    std::string text;
    size_t at;
  } cases[] = {
      {"\x80", 0},                       // continuation without lead
      {"abc\xFFz", 3},                   // never a byte of UTF-8
      {"0123456789abcdef\xC0\x80", 16},  // overlong NUL, after the eight-byte stride
      {"\xC1\xBF", 0},                   // overlong
      {"\xE0\x9F\xBF", 0},               // overlong
      {"\xF0\x8F\xBF\xBF", 0},           // overlong
      {"\xF4\x90\x80\x80", 0},           // above U+10FFFF
      {"\xF5\x80\x80\x80", 0},           // above U+10FFFF
      {"ok\xED\xA0\x80", 2},             // surrogate
      {"ok\xE2\x82", 2},                 // cut off
      {"\xC3\xA9\xC3", 2},               // cut off after a good one
      {"\xE2\x28\xA1", 0},               // second byte no continuation
      {"\xF0\x9F\x98\x28", 0},           // last byte no continuation
  };
  for (const auto& c : cases) {
    const auto found = FindInvalidUtf8(c.text);
    ASSERT_TRUE(found.has_value()) << c.at;
    EXPECT_EQ(*found, c.at);
  }
}

TEST(Utf8Test, APrefixEndsBetweenCharacters) {
  EXPECT_EQ(Utf8Prefix("aé", 3), "aé");
  EXPECT_EQ(Utf8Prefix("aé", 2), "a");
  EXPECT_EQ(Utf8Prefix("\U0001F600", 3), "");
}

TEST(Utf8Test, ShortensWhatIsLongForAMessage) {
  EXPECT_EQ(Shortened(std::string(200, 'x')), std::string(200, 'x'));
  EXPECT_EQ(Shortened(std::string(201, 'x')), std::string(200, 'x') + "…");
  EXPECT_EQ(Shortened(std::string(199, 'x') + "é"), std::string(199, 'x') + "…");
}

}  // namespace
}  // namespace verdict
