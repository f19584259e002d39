#include "services/classifier/text/bert_pre_tokenizer.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Words(std::string_view text) {
  std::vector<std::string> words;
  SplitBertWords(text, [&](std::string_view word) { words.emplace_back(word); });
  return words;
}

TEST(BertPreTokenizerTest, SplitsAtWhiteSpaceOfEveryKind) {
  EXPECT_THAT(Words(""), IsEmpty());
  EXPECT_THAT(Words(" \u3000\t"), IsEmpty());
  EXPECT_THAT(Words("one two\u00a0three\u2028four"), ElementsAre("one", "two", "three", "four"));
}

TEST(BertPreTokenizerTest, PunctuationIsAWordEach) {
  EXPECT_THAT(Words("don't?!"), ElementsAre("don", "'", "t", "?", "!"));
  EXPECT_THAT(Words("¿qué?。"), ElementsAre("¿", "qué", "?", "。"));
  EXPECT_THAT(Words("$5€"), ElementsAre("$", "5€"));
}

TEST(BertPreTokenizerTest, OtherSymbolsAndMarksStayInTheWord) { EXPECT_THAT(Words("a\u0301😀b"), ElementsAre("a\u0301😀b")); }

}  // namespace
}  // namespace verdict
