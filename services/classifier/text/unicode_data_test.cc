#include "services/classifier/text/unicode_data.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

int Flags(char32_t c) { return PropertiesOf(c).flags; }

std::u32string Decomposed(char32_t c) {
  char32_t hangul[3];
  return std::u32string(DecompositionOf(c, hangul));
}

TEST(UnicodeDataTest, WhiteSpaceThatIsAControlIsDroppedUnlessItBreaksLinesOrTabs) {
  for (char32_t c : {U'\t', U'\n', U'\r', U' ', U'\u00a0', U'\u2028', U'\u3000'})
    EXPECT_EQ(Flags(c) & (kSpace | kDropped), kSpace);
  for (char32_t c : {U'\u000b', U'\u000c', U'\u0085'}) EXPECT_EQ(Flags(c) & (kSpace | kDropped), kSpace | kDropped);
  EXPECT_EQ(Flags(U'\u200b'), kDropped);
}

TEST(UnicodeDataTest, ControlsFormatsAndPrivateCharactersAreDropped) {
  for (char32_t c : {U'\0', U'\u0007', U'\u00ad', U'\u200d', U'\ufeff', U'\ufffd', U'\ue000', U'\U000e0001'}) {
    EXPECT_TRUE(Flags(c) & kDropped) << static_cast<uint32_t>(c);
  }
  for (char32_t c : {U'a', U'é', U'中', U'😀', U'\ufe0f', U'\u0378'})
    EXPECT_FALSE(Flags(c) & kDropped) << static_cast<uint32_t>(c);
}

TEST(UnicodeDataTest, AsciiSymbolsArePunctuationOthersAreNot) {
  for (char c : std::string("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"))
    EXPECT_TRUE(Flags(static_cast<char32_t>(c)) & kPunctuation) << c;
  for (char32_t c : {U'¿', U'—', U'。', U'؟'}) EXPECT_TRUE(Flags(c) & kPunctuation) << static_cast<uint32_t>(c);
  for (char32_t c : {U'€', U'©', U'×', U'a', U'0'}) EXPECT_FALSE(Flags(c) & kPunctuation) << static_cast<uint32_t>(c);
}

TEST(UnicodeDataTest, TheIdeographRangesHaveTheHistoricGap) {
  for (char32_t c : {0x4E00, 0x9FFF, 0x3400, 0x20000, 0x2B81F, 0x2B920, 0x2CEAF, 0xF900, 0x2FA1F}) {
    EXPECT_TRUE(Flags(c) & kIdeograph) << static_cast<uint32_t>(c);
  }
  for (char32_t c : {0x3042, 0xAC00, 0x2B820, 0x2B91F, 0x2CEB0, 0x30000})
    EXPECT_FALSE(Flags(c) & kIdeograph) << static_cast<uint32_t>(c);
}

TEST(UnicodeDataTest, MarksHaveTheirCombiningClass) {
  EXPECT_EQ(PropertiesOf(U'\u0301').combining_class, 230);
  EXPECT_EQ(PropertiesOf(U'\u0323').combining_class, 220);
  EXPECT_TRUE(Flags(U'\u0301') & kNonspacingMark);
  EXPECT_EQ(PropertiesOf(U'\u302e').combining_class, 224);
  EXPECT_FALSE(Flags(U'\u302e') & kNonspacingMark);
  EXPECT_EQ(PropertiesOf(U'a').combining_class, 0);
}

TEST(UnicodeDataTest, DecomposesFullyAndHangulByArithmetic) {
  EXPECT_EQ(Decomposed(U'é'), U"e\u0301");
  EXPECT_EQ(Decomposed(U'\u1fa7'), U"\u03c9\u0314\u0342\u0345");
  EXPECT_EQ(Decomposed(U'가'), U"\u1100\u1161");
  EXPECT_EQ(Decomposed(U'각'), U"\u1100\u1161\u11a8");
  EXPECT_EQ(Decomposed(U'힣'), U"\u1112\u1175\u11c2");
  EXPECT_EQ(Decomposed(U'\ud7a4'), U"");
  EXPECT_EQ(Decomposed(U'ﬁ'), U"");  // canonical, not compatibility
}

TEST(UnicodeDataTest, LowercaseKnowsNoNeighbours) {
  EXPECT_EQ(LowercaseOf(U'A'), U"a");
  EXPECT_EQ(LowercaseOf(U'Σ'), U"σ");
  EXPECT_EQ(LowercaseOf(U'İ'), U"i\u0307");
  EXPECT_EQ(LowercaseOf(U'ß'), U"");
  EXPECT_EQ(LowercaseOf(U'ẞ'), U"ß");
}

TEST(UnicodeDataTest, EveryCodePointHasAnAnswer) {
  for (char32_t c = 0; c < 0x110000; ++c) {
    ASSERT_LE(Decomposed(c).size(), static_cast<size_t>(kLongestMapping));
    ASSERT_LE(LowercaseOf(c).size(), static_cast<size_t>(kLongestMapping));
    ASSERT_LT(Flags(c), 128);
  }
}

TEST(UnicodeDataTest, KnowsTheClassesOfRegularExpressions) {
  const auto more = [](char32_t c) { return PropertiesOf(c).more_flags & (kLetter | kNumber | kRegexSpace); };
  EXPECT_EQ(more(U'a'), kLetter);
  EXPECT_EQ(more(U'京'), kLetter);
  EXPECT_EQ(more(U'½'), kNumber);
  EXPECT_EQ(more(U'\u3000'), kRegexSpace);
  EXPECT_EQ(more(U'!'), 0);
}

TEST(UnicodeDataTest, ComposesPairs) {
  EXPECT_EQ(Compose(U'a', U'\u0301'), U'á');
  EXPECT_EQ(Compose(U'A', U'\u030a'), U'Å');
  EXPECT_EQ(Compose(U'\u1100', U'\u1161'), U'가');
  EXPECT_EQ(Compose(U'가', U'\u11a8'), U'각');
  EXPECT_EQ(Compose(U'각', U'\u11a8'), 0u);
  EXPECT_EQ(Compose(U'\u0915', U'\u093c'), 0u);  // excluded from composition
}

TEST(UnicodeDataTest, KnowsGraphemeClasses) {
  EXPECT_EQ(GraphemeClassOf(PropertiesOf(U'a')), GraphemeClass::kOther);
  EXPECT_EQ(GraphemeClassOf(PropertiesOf(U'\n')), GraphemeClass::kControl);
  EXPECT_EQ(GraphemeClassOf(PropertiesOf(U'\u0301')), GraphemeClass::kExtend);
  EXPECT_EQ(GraphemeClassOf(PropertiesOf(U'\u0903')), GraphemeClass::kSpacingMark);
  EXPECT_EQ(GraphemeClassOf(PropertiesOf(U'\u0600')), GraphemeClass::kPrepend);
  EXPECT_EQ(GraphemeClassOf(PropertiesOf(U'\u202f')), GraphemeClass::kOther);
  EXPECT_EQ(GraphemeClassOf(PropertiesOf(U'\u2764')), GraphemeClass::kPictograph);
  EXPECT_EQ(GraphemeClassOf(PropertiesOf(U'각')), GraphemeClass::kHangulLVT);
  EXPECT_EQ(PropertiesOf(U'\u0915').grapheme, kConjunctConsonant);
}

}  // namespace
}  // namespace verdict
