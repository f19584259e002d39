#include "services/classifier/text/byte_pair_encoding.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// "ab" and then "abc" can be made; "bc" comes too late for that.
BytePairEncoding::Options SomeOptions() {
  BytePairEncoding::Options options;
  options.vocabulary = {{"a", 0}, {"b", 1}, {"c", 2}, {"ab", 3}, {"bc", 4}, {"abc", 5}, {"é", 6}};
  options.merges = {{"a", "b"}, {"b", "c"}, {"ab", "c"}};
  return options;
}

std::vector<int32_t> Ids(const BytePairEncoding::Options& options, std::string_view word) {
  const absl::StatusOr<BytePairEncoding> model = BytePairEncoding::Create(options);
  EXPECT_TRUE(model.ok()) << model.status();
  std::vector<int32_t> ids;
  model->Tokenize(word, ids);
  return ids;
}

std::string ErrorOf(const BytePairEncoding::Options& options) {
  const absl::Status status = BytePairEncoding::Create(options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

TEST(BytePairEncodingTest, MergesByRankThenFromTheLeft) {
  EXPECT_THAT(Ids(SomeOptions(), "abc"), ElementsAre(5));
  EXPECT_THAT(Ids(SomeOptions(), "bcab"), ElementsAre(4, 3));
  EXPECT_THAT(Ids(SomeOptions(), "ababé"), ElementsAre(3, 3, 6));
}

TEST(BytePairEncodingTest, LongWordsMergeLikeShortOnes) {
  std::string word;
  std::vector<int32_t> expected;
  for (int i = 0; i < 1000; ++i) {
    word += i % 3 == 0 ? "abc" : "bcb";
    const std::vector<int32_t> part = i % 3 == 0 ? std::vector<int32_t>{5} : std::vector<int32_t>{4, 1};
    expected.insert(expected.end(), part.begin(), part.end());
  }
  // Where one part meets the next nothing merges but "b" and "c" never stand there in this order.
  std::vector<int32_t> found = Ids(SomeOptions(), word);
  std::string joined;
  constexpr const char* kTexts[] = {"a", "b", "c", "ab", "bc", "abc"};
  for (int32_t id : found) joined += kTexts[id];
  EXPECT_EQ(joined, word);
  EXPECT_EQ(std::count(found.begin(), found.end(), 5), 334);
}

TEST(BytePairEncodingTest, AMegabyteIsNoTrouble) {
  EXPECT_EQ(Ids(SomeOptions(), std::string(1 << 20, 'a')).size(), 1u << 20);
  std::string word;
  while (word.size() < 1 << 18) word += "ab";
  EXPECT_EQ(Ids(SomeOptions(), word).size(), word.size() / 2);
}

TEST(BytePairEncodingTest, UnknownCharactersVanishWithoutATokenForThem) {
  EXPECT_THAT(Ids(SomeOptions(), "xay"), ElementsAre(0));
}

TEST(BytePairEncodingTest, UnknownCharactersMayFuse) {
  BytePairEncoding::Options options = SomeOptions();
  options.unk_token = "c";
  EXPECT_THAT(Ids(options, "xyaz"), ElementsAre(2, 2, 0, 2));
  options.fuse_unk = true;
  EXPECT_THAT(Ids(options, "xyaz"), ElementsAre(2, 0, 2));
}

TEST(BytePairEncodingTest, BytesStandInForACharacterWhenAllOfThemAreKnown) {
  BytePairEncoding::Options options = SomeOptions();
  options.unk_token = "c";
  options.byte_fallback = true;
  options.vocabulary.insert(options.vocabulary.end(), {{"<0xC3>", 7}, {"<0xA8>", 8}});
  EXPECT_THAT(Ids(options, "è"), ElementsAre(7, 8));
  EXPECT_THAT(Ids(options, "ü"), ElementsAre(2));
}

TEST(BytePairEncodingTest, PrefixAndSuffixArePartOfTheTokens) {
  BytePairEncoding::Options options;
  options.vocabulary = {{"a", 0}, {"##b", 1}, {"##b</w>", 2}, {"ab", 3}, {"ab</w>", 4}};
  options.merges = {{"a", "##b"}, {"a", "##b</w>"}};
  options.continuing_subword_prefix = "##";
  options.end_of_word_suffix = "</w>";
  EXPECT_THAT(Ids(options, "ab"), ElementsAre(4));
  EXPECT_THAT(Ids(options, "abb"), ElementsAre(3, 2));
}

TEST(BytePairEncodingTest, IgnoringMergesTakesWholeWordsFirst) {
  BytePairEncoding::Options options = SomeOptions();
  options.merges = {};
  EXPECT_THAT(Ids(options, "abc"), ElementsAre(0, 1, 2));
  options.ignore_merges = true;
  EXPECT_THAT(Ids(options, "abc"), ElementsAre(5));
  EXPECT_THAT(Ids(options, "abca"), ElementsAre(0, 1, 2, 0));
}

TEST(BytePairEncodingTest, RawBytesAreReadThroughTheByteAlphabet) {
  BytePairEncoding::Options options;
  options.vocabulary = {{"\u0120", 0}, {"a", 1}, {"\u0120a", 2}, {"\u00c3", 3}, {"\u00a9", 4}, {"日", 5}};
  options.merges = {{"\u0120", "a"}};
  options.raw_bytes = true;
  EXPECT_THAT(Ids(options, " a"), ElementsAre(2));
  EXPECT_THAT(Ids(options, "é"), ElementsAre(3, 4));
}

TEST(BytePairEncodingTest, RefusesMergesOfUnknownTokens) {
  BytePairEncoding::Options options = SomeOptions();
  options.merges.emplace_back("x", "a");
  EXPECT_THAT(ErrorOf(options), HasSubstr("merge 3 needs \"x\""));
  options.merges.back() = {"c", "a"};
  EXPECT_THAT(ErrorOf(options), HasSubstr("merge 3 needs \"ca\""));
  options = SomeOptions();
  options.unk_token = "<unk>";
  EXPECT_THAT(ErrorOf(options), HasSubstr("lacks the unknown token \"<unk>\""));
}

}  // namespace
}  // namespace verdict
