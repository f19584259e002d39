#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/classifier/text/precompiled_normalizer.h"
#include "services/classifier/text/text_normalizers.h"
#include "services/classifier/text/unicode_normalizer.h"

namespace verdict {
namespace {

using Form = UnicodeNormalizer::Form;
using Run = SpaceRunNormalizer::Run;
using testing::HasSubstr;

std::string Apply(const Normalizer& normalizer, std::string_view text) {
  std::string out = "left over";
  normalizer.Normalize(text, out);
  return out;
}

TEST(UnicodeNormalizerTest, TheFourForms) {
  EXPECT_EQ(Apply(UnicodeNormalizer(Form::kNfd), "é\u1e69"), "e\u0301s\u0323\u0307");
  EXPECT_EQ(Apply(UnicodeNormalizer(Form::kNfc), "e\u0301s\u0307\u0323"), "é\u1e69");
  EXPECT_EQ(Apply(UnicodeNormalizer(Form::kNfc), "ﬁ"), "ﬁ");
  EXPECT_EQ(Apply(UnicodeNormalizer(Form::kNfkc), "ﬁe\u0301"), "fié");
  EXPECT_EQ(Apply(UnicodeNormalizer(Form::kNfkd), "ﬁé\u00bd"), "fie\u03011\u20442");
}

TEST(UnicodeNormalizerTest, HangulComposesByArithmetic) {
  EXPECT_EQ(Apply(UnicodeNormalizer(Form::kNfd), "각"), "\u1100\u1161\u11a8");
  EXPECT_EQ(Apply(UnicodeNormalizer(Form::kNfc), "\u1100\u1161\u11a8\u1100\u1161"), "각가");
  EXPECT_EQ(Apply(UnicodeNormalizer(Form::kNfc), "각\u11a8"), "각\u11a8");
}

TEST(UnicodeNormalizerTest, BlockedMarksDoNotCompose) {
  EXPECT_EQ(Apply(UnicodeNormalizer(Form::kNfc), "q\u0301\u0301"), "q\u0301\u0301");
  EXPECT_EQ(Apply(UnicodeNormalizer(Form::kNfc), "a\u0302\u0302"), "â\u0302");
  EXPECT_EQ(Apply(UnicodeNormalizer(Form::kNfc), "\u212b\u0344\u0958"), "Å\u0308\u0301\u0915\u093c");
}

TEST(UnicodeNormalizerTest, ARunOfAMillionMarksIsSortedInTime) {
  std::string text = "a";
  for (int i = 0; i < 200'000; ++i) text += i % 2 == 0 ? "\u0301" : "\u0323";
  EXPECT_EQ(Apply(UnicodeNormalizer(Form::kNfc), text).substr(0, 5), "\u1ea1\u0323");  // the other marks are blocked
}

TEST(StripAccentsNormalizerTest, RemovesMarksOnly) { EXPECT_EQ(Apply(StripAccentsNormalizer(), "e\u0301é\u0903x"), "eéx"); }

TEST(LowercaseNormalizerTest, EachCharacterByItself) { EXPECT_EQ(Apply(LowercaseNormalizer(), "AÉİΣß"), "aéi\u0307σß"); }

TEST(StripNormalizerTest, EitherEnd) {
  EXPECT_EQ(Apply(StripNormalizer(true, false), " \u3000a "), "a ");
  EXPECT_EQ(Apply(StripNormalizer(false, true), " a\u3000 "), " a");
  EXPECT_EQ(Apply(StripNormalizer(true, true), " \t"), "");
}

TEST(PrependNormalizerTest, LeavesNothingAlone) {
  EXPECT_EQ(Apply(PrependNormalizer("\u2581"), "a"), "\u2581a");
  EXPECT_EQ(Apply(PrependNormalizer("\u2581"), ""), "");
}

TEST(ReplaceNormalizerTest, FromTheLeftWithoutOverlap) {
  EXPECT_EQ(Apply(ReplaceNormalizer("''", "\""), "'''a''"), "\"'a\"");
  EXPECT_EQ(Apply(ReplaceNormalizer("a", ""), "banana"), "bnn");
}

TEST(SpaceRunNormalizerTest, EachExpression) {
  EXPECT_EQ(Apply(SpaceRunNormalizer(Run::kTwoSpaces, "_"), "a  b c\t\t "), "a_b c\t\t ");
  EXPECT_EQ(Apply(SpaceRunNormalizer(Run::kSpaces, "_"), "a  b c"), "a_b_c");
  EXPECT_EQ(Apply(SpaceRunNormalizer(Run::kWhiteSpace, " "), "a\t\u3000b\nc"), "a b c");
  EXPECT_EQ(Apply(SpaceRunNormalizer(Run::kTwoOrLineBreak, " "), "a\nb\u3000c \t d\u3000\u3000"), "a b\u3000c d ");
}

TEST(ByteLevelNormalizerTest, WritesBytesAsCharacters) { EXPECT_EQ(Apply(ByteLevelNormalizer(), "a é\n"), "aĠÃ©Ċ"); }

void AppendUnit(uint32_t unit, std::string& out) {
  for (int i = 0; i < 4; ++i) out.push_back(static_cast<char>(unit >> (8 * i) & 0xFF));
}

// One key per given byte, each standing for "x" when it is 0, for "yz" otherwise.
std::string CharacterMap(std::string_view keys, std::string_view strings = std::string_view("x\0yz\0", 5)) {
  std::vector<uint32_t> units(512);
  units[0] = 256u << 10;
  for (size_t i = 0; i < keys.size(); ++i) {
    const uint32_t byte = static_cast<unsigned char>(keys[i]);
    units[256 ^ byte] = byte | 1u << 8 | 256u << 10;
    units[byte] = (i == 0 ? 0u : 2u) | 1u << 31;
  }
  std::string map;
  AppendUnit(static_cast<uint32_t>(4 * units.size()), map);
  for (uint32_t unit : units) AppendUnit(unit, map);
  return map.append(strings);
}

std::string Precompiled(std::string_view text, const std::string& map = CharacterMap("ab")) {
  const absl::StatusOr<PrecompiledNormalizer> normalizer = PrecompiledNormalizer::Create(map);
  EXPECT_TRUE(normalizer.ok()) << normalizer.status();
  return Apply(*normalizer, text);
}

TEST(PrecompiledNormalizerTest, ReplacesCharacters) { EXPECT_EQ(Precompiled("abcé"), "xyzcé"); }

TEST(PrecompiledNormalizerTest, AShortClusterIsReplacedWhole) {
  EXPECT_EQ(Precompiled("a\u0301b"), "xyz");
  EXPECT_EQ(Precompiled("a\u0301\u0301c"), "xc");
  EXPECT_EQ(Precompiled("a\u0301\u0301\u0301c"), "x\u0301\u0301\u0301c");  // seven bytes
  EXPECT_EQ(Precompiled("a\u0903"), "x");
  EXPECT_EQ(Precompiled("\r\nc", CharacterMap("\r")), "xc");
  EXPECT_EQ(Precompiled("\n\rc", CharacterMap("\r")), "\nxc");
}

TEST(PrecompiledNormalizerTest, RefusesWhatIsCutShort) {
  const std::string map = CharacterMap("a");
  for (size_t length : {0, 3, 4, 100, 2000}) {
    EXPECT_THAT(std::string(PrecompiledNormalizer::Create(map.substr(0, length)).status().message()), HasSubstr("cut short"));
  }
  EXPECT_THAT(std::string(PrecompiledNormalizer::Create(CharacterMap("a", "\xff")).status().message()), HasSubstr("UTF-8"));
}

TEST(PrecompiledNormalizerTest, AnArrayThatLeadsNowhereChangesNothing) {
  EXPECT_EQ(Precompiled("ab", CharacterMap("ab", "")), "ab");
  std::string wild = CharacterMap("ab");
  for (size_t i = 4; i < 4 + 2048; ++i) wild[i] = static_cast<char>(i * 37);
  EXPECT_EQ(Precompiled("c\u0301", wild).substr(0, 1), "c");
}

}  // namespace
}  // namespace verdict
