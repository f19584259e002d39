#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/classifier/text/byte_level.h"
#include "services/classifier/text/metaspace.h"
#include "services/classifier/text/split_pre_tokenizers.h"

namespace verdict {
namespace {

using Prepend = MetaspacePreTokenizer::Prepend;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Split(const PreTokenizer& pre_tokenizer, std::string_view text, bool at_start = true) {
  std::vector<std::string> pieces;
  pre_tokenizer.Split({text, at_start}, [&](TextPiece piece) { pieces.emplace_back(piece.text); });
  return pieces;
}

std::vector<std::string> ByteLevel(std::string_view text, bool prefix = false) {
  return Split(ByteLevelPreTokenizer({.add_prefix_space = prefix, .use_regex = true, .raw_bytes = true}), text);
}

TEST(ByteLevelPreTokenizerTest, CutsAsTheExpressionOfGpt2) {
  EXPECT_THAT(ByteLevel("Hello  world 42!"), ElementsAre("Hello", " ", " world", " 42", "!"));
  EXPECT_THAT(ByteLevel("I'll don't 'sx"), ElementsAre("I", "'ll", " don", "'t", " '", "sx"));
  EXPECT_THAT(ByteLevel("'S 's !'s"), ElementsAre("'", "S", " '", "s", " !'", "s"));
  EXPECT_THAT(ByteLevel("a\n\n b  "), ElementsAre("a", "\n\n", " b", "  "));
  EXPECT_THAT(ByteLevel("a \tb"), ElementsAre("a", " ", "\t", "b"));
  EXPECT_THAT(ByteLevel("é\u0301 ½"), ElementsAre("é", "\u0301", " ½"));
  EXPECT_THAT(ByteLevel(" "), ElementsAre(" "));
}

TEST(ByteLevelPreTokenizerTest, MayPutASpaceInFront) {
  EXPECT_THAT(ByteLevel("a", true), ElementsAre(" a"));
  EXPECT_THAT(ByteLevel(" a", true), ElementsAre(" a"));
  EXPECT_THAT(ByteLevel("\ta", true), ElementsAre(" ", "\t", "a"));
}

TEST(ByteLevelPreTokenizerTest, WritesBytesAsCharacters) {
  EXPECT_THAT(Split(ByteLevelPreTokenizer({.add_prefix_space = false}), "a é"), ElementsAre("a", "ĠÃ©"));
  EXPECT_THAT(Split(ByteLevelPreTokenizer({.add_prefix_space = false, .use_regex = false}), "a b"), ElementsAre("aĠb"));
}

TEST(MetaspacePreTokenizerTest, EachSpaceBeginsAPiece) {
  const MetaspacePreTokenizer always({});
  EXPECT_THAT(Split(always, "a  b"), ElementsAre("▁a", "▁", "▁b"));
  EXPECT_THAT(Split(always, " a"), ElementsAre("▁a"));
  EXPECT_THAT(Split(always, "▁a b "), ElementsAre("▁a", "▁b", "▁"));
  EXPECT_THAT(Split(MetaspacePreTokenizer({.prepend = Prepend::kNever}), "a b"), ElementsAre("a", "▁b"));
  EXPECT_THAT(Split(MetaspacePreTokenizer({.split = false}), "a b"), ElementsAre("▁a▁b"));
  const MetaspacePreTokenizer first({.prepend = Prepend::kFirst});
  EXPECT_THAT(Split(first, "a"), ElementsAre("▁a"));
  EXPECT_THAT(Split(first, "a", false), ElementsAre("a"));
}

TEST(PatternPreTokenizerTest, EachBehavior) {
  const auto split = [](SplitBehavior behavior) { return Split(PatternPreTokenizer(MatchPunctuation, behavior), "a,,b."); };
  EXPECT_THAT(split(SplitBehavior::kRemoved), ElementsAre("a", "b"));
  EXPECT_THAT(split(SplitBehavior::kIsolated), ElementsAre("a", ",", ",", "b", "."));
  EXPECT_THAT(split(SplitBehavior::kMergedWithPrevious), ElementsAre("a,", ",", "b."));
  EXPECT_THAT(split(SplitBehavior::kMergedWithNext), ElementsAre("a", ",", ",b", "."));
  EXPECT_THAT(split(SplitBehavior::kContiguous), ElementsAre("a", ",,", "b", "."));
}

TEST(PatternPreTokenizerTest, EachPattern) {
  EXPECT_THAT(Split(PatternPreTokenizer(MatchDigit, SplitBehavior::kIsolated), "a12½"), ElementsAre("a", "1", "2", "½"));
  EXPECT_THAT(Split(PatternPreTokenizer(MatchWords, SplitBehavior::kRemoved, true), "a_1 --b"), ElementsAre("a_1", "--", "b"));
  EXPECT_THAT(Split(PatternPreTokenizer(MatchSpaces, SplitBehavior::kRemoved), " a \u3000b"), ElementsAre("a", "b"));
  EXPECT_THAT(Split(PatternPreTokenizer(MatchSpace, SplitBehavior::kIsolated), "a  b"), ElementsAre("a", " ", " ", "b"));
  EXPECT_THAT(Split(PatternPreTokenizer(MatchGpt2, SplitBehavior::kIsolated), "a b"), ElementsAre("a", " b"));
}

TEST(LiteralPreTokenizerTest, SplitsAtAString) {
  EXPECT_THAT(Split(LiteralPreTokenizer("--", SplitBehavior::kRemoved, false), "a--b---"), ElementsAre("a", "b", "-"));
  EXPECT_THAT(Split(LiteralPreTokenizer("--", SplitBehavior::kRemoved, true), "a--b"), ElementsAre("--"));
}

TEST(WhitespaceSplitPreTokenizerTest, DropsWhiteSpace) {
  EXPECT_THAT(Split(WhitespaceSplitPreTokenizer(), " a,\u3000b\t"), ElementsAre("a,", "b"));
  EXPECT_THAT(Split(WhitespaceSplitPreTokenizer(), " \n"), IsEmpty());
}

TEST(BertPreTokenizerStepTest, SplitsPunctuationToo) {
  EXPECT_THAT(Split(BertPreTokenizer(), "a, b"), ElementsAre("a", ",", "b"));
}

}  // namespace
}  // namespace verdict
