#include "services/classifier/text/wordpiece_model.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr int kUnk = 0;

WordPieceModel::Options SomeOptions() {
  return {.vocabulary = {{"[UNK]", kUnk},
                         {"un", 1},
                         {"##aff", 2},
                         {"##able", 3},
                         {"a", 4},
                         {"##a", 5},
                         {"é", 6},
                         {"##é", 7},
                         {"##", 8},
                         {"", 9}}};
}

std::vector<int32_t> Ids(std::string_view word, const WordPieceModel::Options& options = SomeOptions()) {
  const absl::StatusOr<WordPieceModel> model = WordPieceModel::Create(options);
  EXPECT_TRUE(model.ok()) << model.status();
  std::vector<int32_t> ids = {99};  // what is there stays
  model->Tokenize(word, ids);
  EXPECT_EQ(ids.front(), 99);
  ids.erase(ids.begin());
  return ids;
}

TEST(WordPieceModelTest, TakesTheLongestPieces) {
  EXPECT_THAT(Ids("unaffable"), ElementsAre(1, 2, 3));
  EXPECT_THAT(Ids("una"), ElementsAre(1, 5));
  EXPECT_THAT(Ids("aéa"), ElementsAre(4, 7, 5));
}

TEST(WordPieceModelTest, AWordThatDoesNotWorkOutIsUnknownAsAWhole) {
  EXPECT_THAT(Ids("unx"), ElementsAre(kUnk));
  EXPECT_THAT(Ids("able"), ElementsAre(kUnk));  // "a" fits, "##ble" does not
  EXPECT_THAT(Ids("#"), ElementsAre(kUnk));
}

TEST(WordPieceModelTest, TheLimitCountsCharactersNotBytes) {
  std::string word;
  std::vector<int32_t> ids;
  for (int i = 0; i < 100; ++i) {
    word += "é";
    ids.push_back(i == 0 ? 6 : 7);
  }
  EXPECT_EQ(Ids(word), ids);
  EXPECT_THAT(Ids(word + "a"), ElementsAre(kUnk));
  EXPECT_THAT(Ids(std::string(101, 'a')), ElementsAre(kUnk));
  EXPECT_THAT(Ids(std::string(1 << 20, 'a')), ElementsAre(kUnk));
}

TEST(WordPieceModelTest, PrefixAndLimitAreSettings) {
  WordPieceModel::Options options = SomeOptions();
  options.vocabulary.emplace_back("@a", 10);
  options.continuing_subword_prefix = "@";
  EXPECT_THAT(Ids("aa", options), ElementsAre(4, 10));
  options.continuing_subword_prefix = "";
  EXPECT_THAT(Ids("aun", options), ElementsAre(4, 1));
  options.max_input_chars_per_word = 2;
  EXPECT_THAT(Ids("aun", options), ElementsAre(kUnk));
  options.max_input_chars_per_word = 0;
  EXPECT_THAT(Ids("a", options), ElementsAre(kUnk));
}

TEST(WordPieceModelTest, NeedsItsUnknownToken) {
  WordPieceModel::Options options = SomeOptions();
  options.unk_token = "<unk>";
  const absl::Status status = WordPieceModel::Create(options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("\"<unk>\""));
}

}  // namespace
}  // namespace verdict
