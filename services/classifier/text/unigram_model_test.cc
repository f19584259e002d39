#include "services/classifier/text/unigram_model.h"

#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

UnigramModel::Options SomeOptions() {
  return {{{"<unk>", 0}, {"a", -1}, {"b", -1}, {"ab", -1.5}, {"abc", -9}, {"c", -1}, {"é", -1}}, 0, false};
}

std::vector<int32_t> Ids(const UnigramModel::Options& options, std::string_view word) {
  const absl::StatusOr<UnigramModel> model = UnigramModel::Create(options);
  EXPECT_TRUE(model.ok()) << model.status();
  std::vector<int32_t> ids;
  model->Tokenize(word, ids);
  return ids;
}

std::string ErrorOf(const UnigramModel::Options& options) {
  const absl::Status status = UnigramModel::Create(options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

TEST(UnigramModelTest, TakesTheBestSum) {
  EXPECT_THAT(Ids(SomeOptions(), "ab"), ElementsAre(3));
  EXPECT_THAT(Ids(SomeOptions(), "abc"), ElementsAre(3, 5));  // although there is a piece for the whole
  EXPECT_THAT(Ids(SomeOptions(), "baé"), ElementsAre(2, 1, 6));
}

TEST(UnigramModelTest, OfEqualSumsTheOneFoundFirstStays) {
  UnigramModel::Options options = SomeOptions();
  options.pieces[3].second = -2;
  EXPECT_THAT(Ids(options, "ab"), ElementsAre(3));
}

TEST(UnigramModelTest, NeighbouringUnknownCharactersAreOneToken) {
  EXPECT_THAT(Ids(SomeOptions(), "xyaz"), ElementsAre(0, 1, 0));
  EXPECT_THAT(Ids(SomeOptions(), "ü"), ElementsAre(0));
  EXPECT_THAT(Ids(SomeOptions(), "<unk>x"), ElementsAre(0));
}

TEST(UnigramModelTest, BytesStandInForUnknownTextWhenAllOfThemAreKnown) {
  UnigramModel::Options options = SomeOptions();
  options.byte_fallback = true;
  for (const char* piece : {"<0xC3>", "<0xA8>", "<0x78>"}) options.pieces.emplace_back(piece, -5);
  EXPECT_THAT(Ids(options, "aèx"), ElementsAre(1, 7, 8, 9));
  EXPECT_THAT(Ids(options, "èü"), ElementsAre(0));
}

TEST(UnigramModelTest, OfEqualPiecesTheLastCounts) {
  UnigramModel::Options options = SomeOptions();
  options.pieces.emplace_back("a", -3);
  EXPECT_THAT(Ids(options, "a"), ElementsAre(7));
}

TEST(UnigramModelTest, AMegabyteIsNoTrouble) {
  EXPECT_EQ(Ids(SomeOptions(), std::string(1 << 20, 'a')).size(), 1u << 20);
  EXPECT_THAT(Ids(SomeOptions(), std::string(1 << 20, 'x')), ElementsAre(0));
}

TEST(UnigramModelTest, RefusesNonsense) {
  EXPECT_THAT(ErrorOf({}), HasSubstr("no pieces"));
  UnigramModel::Options options = SomeOptions();
  options.unk_id = 7;
  EXPECT_THAT(ErrorOf(options), HasSubstr("unk_id 7"));
  options = SomeOptions();
  options.pieces[1].second = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(ErrorOf(options), HasSubstr("\"a\" is not a number"));
}

}  // namespace
}  // namespace verdict
