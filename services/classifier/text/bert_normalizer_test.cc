#include "services/classifier/text/bert_normalizer.h"

#include "gtest/gtest.h"

namespace verdict {
namespace {

std::string Normalized(std::string_view text, const BertNormalizer::Options& options = {}) {
  std::string out = "what was there before";
  BertNormalizer(options).Normalize(text, out);
  return out;
}

const BertNormalizer::Options kCased = {.lowercase = false};
const BertNormalizer::Options kKeepAccents = {.strip_accents = false};
const BertNormalizer::Options kNothing = {false, false, false, false};

TEST(BertNormalizerTest, LowersStripsAndCleans) {
  EXPECT_EQ(Normalized(""), "");
  EXPECT_EQ(Normalized("HeLLo\tWORLD\r\n"), "hello world  ");
  EXPECT_EQ(Normalized("Crème Brûlée"), "creme brulee");
  EXPECT_EQ(Normalized(std::string_view("a\0b\x07"
                                        "c\u200bd\ufffde\u0085f",
                                        17)),
            "abcdef");
  EXPECT_EQ(Normalized("a\u00a0b\u3000c"), "a b c");
}

TEST(BertNormalizerTest, CasedKeepsAccentsUnlessTold) {
  EXPECT_EQ(Normalized("Crème", kCased), "Crème");
  EXPECT_EQ(Normalized("Crème", {.strip_accents = true, .lowercase = false}), "Creme");
  EXPECT_EQ(Normalized("CRÈME", kKeepAccents), "crème");
}

TEST(BertNormalizerTest, CanDoNothing) {
  const std::string text("A\0\tÉ中\u200b", 11);
  EXPECT_EQ(Normalized(text, kNothing), text);
}

TEST(BertNormalizerTest, PutsSpacesAroundIdeographs) {
  EXPECT_EQ(Normalized("a中b"), "a 中 b");
  EXPECT_EQ(Normalized("中文"), " 中  文 ");
  EXPECT_EQ(Normalized("a中b", {.handle_chinese_chars = false}), "a中b");
  EXPECT_EQ(Normalized("\uf900"), " \u8c48 ");  // spaced as it was written, then decomposed
  EXPECT_EQ(Normalized("かな"), "かな");
}

TEST(BertNormalizerTest, TheDottedCapitalIDependsOnTheAccents) {
  EXPECT_EQ(Normalized("İ"), "i");
  EXPECT_EQ(Normalized("İ", kKeepAccents), "i\u0307");
}

TEST(BertNormalizerTest, HangulStaysDecomposed) {
  EXPECT_EQ(Normalized("각"), "\u1100\u1161\u11a8");
  EXPECT_EQ(Normalized("각", kKeepAccents), "각");
}

TEST(BertNormalizerTest, SurvivingMarksComeInCanonicalOrder) {
  EXPECT_EQ(Normalized("a\u302e\U0001d165"), "a\U0001d165\u302e");                // 224, 216
  EXPECT_EQ(Normalized("a\u302e\u0301\U0001d165"), "a\U0001d165\u302e");          // across a mark that is stripped
  EXPECT_EQ(Normalized("a\u302e\u200d\U0001d165"), "a\U0001d165\u302e");          // across a format that is dropped
  EXPECT_EQ(Normalized("a\u302eb\U0001d165"), "a\u302eb\U0001d165");              // not across a letter
  EXPECT_EQ(Normalized("a\u302e\u09c1\U0001d165"), "a\u302e\U0001d165");          // nor a stripped mark of class 0
  EXPECT_EQ(Normalized("a\u302e \U0001d165"), "a\u302e \U0001d165");              // nor a space
  EXPECT_EQ(Normalized("a\u302e\U0001d165", kKeepAccents), "a\u302e\U0001d165");  // no decomposition, no order
  EXPECT_EQ(Normalized("\u302f\u302e"), "\u302f\u302e");                          // equal classes keep theirs
  EXPECT_EQ(Normalized("\u302e\U0001d165"), "\U0001d165\u302e");                  // at both ends
}

TEST(BertNormalizerTest, ALongRunOfMarksIsNoTrouble) {
  std::string marks;
  for (int i = 0; i < 50'000; ++i) marks += i % 2 == 0 ? "\u302e" : "\U0001d165";
  const std::string out = Normalized(marks);
  EXPECT_EQ(out.size(), marks.size());
  EXPECT_EQ(out.substr(0, 4), "\U0001d165");
  EXPECT_EQ(out.substr(out.size() - 3), "\u302e");
}

}  // namespace
}  // namespace verdict
