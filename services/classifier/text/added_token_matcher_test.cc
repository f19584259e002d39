#include "services/classifier/text/added_token_matcher.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Pattern = AddedTokenMatcher::Pattern;

// Text as "'…'", tokens by id.
std::vector<std::string> Pieces(const std::vector<Pattern>& patterns, std::string_view text) {
  std::vector<std::string> pieces;
  const AddedTokenMatcher matcher(patterns);
  const auto on_text = [&](std::string_view piece) { pieces.push_back("'" + std::string(piece) + "'"); };
  matcher.Split(text, on_text, [&](int32_t id) { pieces.push_back(std::to_string(id)); });
  return pieces;
}

TEST(AddedTokenMatcherTest, WithoutPatternsAllIsText) {
  EXPECT_TRUE(AddedTokenMatcher({}).empty());
  EXPECT_THAT(Pieces({}, "[SEP]"), ElementsAre("'[SEP]'"));
  EXPECT_THAT(Pieces({}, ""), IsEmpty());
}

TEST(AddedTokenMatcherTest, TheLeftmostThenTheLongestWins) {
  const std::vector<Pattern> patterns = {{"ab", 1}, {"abcd", 2}, {"bcde", 3}, {"x", 4}};
  EXPECT_THAT(Pieces(patterns, "abcde"), ElementsAre("2", "'e'"));
  EXPECT_THAT(Pieces(patterns, "zabcxx"), ElementsAre("'z'", "1", "'c'", "4", "4"));
}

TEST(AddedTokenMatcherTest, FindsTokensBetweenNearMisses) {
  EXPECT_THAT(Pieces({{"[SEP]", 3}}, "[[SEP][SE[SEP]P]"), ElementsAre("'['", "3", "'[SE'", "3", "'P]'"));
}

TEST(AddedTokenMatcherTest, SingleWordsStandAlone) {
  const std::vector<Pattern> patterns = {{.text = "word", .id = 1, .single_word = true}};
  EXPECT_THAT(Pieces(patterns, "word"), ElementsAre("1"));
  EXPECT_THAT(Pieces(patterns, "a word, é"), ElementsAre("'a '", "1", "', é'"));
  EXPECT_THAT(Pieces(patterns, "swords word_ éword word\u0301 wordword"),
              ElementsAre("'swords word_ éword word\u0301 wordword'"));
}

TEST(AddedTokenMatcherTest, ADiscardedMatchStillHidesShorterOnes) {
  EXPECT_THAT(Pieces({{.text = "word", .id = 1, .single_word = true}, {"or", 2}}, "words or"), ElementsAre("'words '", "2"));
  EXPECT_THAT(Pieces({{.text = "[A]", .id = 1, .ignored = true}, {"A", 2}}, "[A]A"), ElementsAre("'[A]'", "2"));
}

TEST(AddedTokenMatcherTest, StripsWhiteSpaceOnTheSidesAsked) {
  EXPECT_THAT(Pieces({{.text = "<l>", .id = 1, .lstrip = true}}, "a \u3000<l> b"), ElementsAre("'a'", "1", "' b'"));
  EXPECT_THAT(Pieces({{.text = "<r>", .id = 1, .rstrip = true}}, "a <r> \u00a0b"), ElementsAre("'a '", "1", "'b'"));
  EXPECT_THAT(Pieces({{.text = "<b>", .id = 1, .lstrip = true, .rstrip = true}}, " <b>  <b> "), ElementsAre("1", "1"));
}

TEST(AddedTokenMatcherTest, TokensInsideStrippedWhiteSpaceCountToo) {
  const std::vector<Pattern> patterns = {{.text = "[A]", .id = 1, .rstrip = true}, {"  ", 2}};
  EXPECT_THAT(Pieces(patterns, "a [A]     b"), ElementsAre("'a '", "1", "2", "2", "' b'"));
}

TEST(AddedTokenMatcherTest, MegabytesOfTokensAndWhiteSpaceTakeLinearTime) {
  const std::vector<Pattern> patterns = {{.text = " ", .id = 1, .lstrip = true, .rstrip = true},
                                         {.text = "[A]", .id = 2, .lstrip = true}};
  EXPECT_EQ(Pieces(patterns, std::string(1 << 20, ' ')).size(), size_t{1} << 20);
  std::string many;
  for (int i = 0; i < 100'000; ++i) many += "[A] [";
  EXPECT_GT(Pieces(patterns, many).size(), 200'000u);
}

}  // namespace
}  // namespace verdict
