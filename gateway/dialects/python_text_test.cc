#include "gateway/dialects/python_text.h"

#include <set>
#include <string>

#include "gtest/gtest.h"

namespace verdict {
namespace {

std::string Utf8(unsigned point) {
  const auto tail = [](unsigned bits) { return static_cast<char>(0x80 | (bits & 0x3F)); };
  if (point < 0x80) return {static_cast<char>(point)};
  if (point < 0x800) return {static_cast<char>(0xC0 | (point >> 6)), tail(point)};
  return {static_cast<char>(0xE0 | (point >> 12)), tail(point >> 6), tail(point)};
}

// [c for c in range(0x110000) if chr(c).isspace()]
const std::set<unsigned> kSpaces = {0x9,    0xA,    0xB,    0xC,    0xD,    0x1C,   0x1D,   0x1E,   0x1F,   0x20,
                                    0x85,   0xA0,   0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006,
                                    0x2007, 0x2008, 0x2009, 0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000};

TEST(PythonTextTest, BlankIsWhatStripLeavesNothingOf) {
  for (unsigned point = 0; point < 0x10000; ++point) {
    if (point >= 0xD800 && point < 0xE000) continue;
    EXPECT_EQ(IsBlank(Utf8(point)), kSpaces.contains(point)) << std::hex << point;
  }
  EXPECT_TRUE(IsBlank(""));
  EXPECT_TRUE(IsBlank(" \t\n\xE3\x80\x80 \xC2\xA0"));
  EXPECT_FALSE(IsBlank("  \xE3\x80\x80 a "));
  EXPECT_FALSE(IsBlank("\xF0\x9F\x98\x80"));
}

TEST(PythonTextTest, CountsCodePoints) {
  EXPECT_EQ(CountCodePoints(""), 0u);
  EXPECT_EQ(CountCodePoints("aé猫😀"), 4u);
}

}  // namespace
}  // namespace verdict
