#include "services/classifier/text/truncation.h"

#include <numeric>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::pair<size_t, size_t> Kept(size_t first, size_t second, size_t limit) {
  const PairLengths kept = TruncateLongestFirst({first, second}, limit);
  return {kept.first, kept.second};
}

std::vector<int32_t> Tokens(size_t keep, TruncationPolicy policy) {
  std::vector<int32_t> ids(7);
  std::iota(ids.begin(), ids.end(), 1);
  KeepTokens(ids, keep, policy);
  return ids;
}

TEST(TruncationTest, ShortensTheLongerTextFirst) {
  EXPECT_EQ(Kept(2, 3, 5), std::pair(size_t{2}, size_t{3}));
  EXPECT_EQ(Kept(2, 8, 7), std::pair(size_t{2}, size_t{5}));
  EXPECT_EQ(Kept(8, 2, 7), std::pair(size_t{5}, size_t{2}));
  EXPECT_EQ(Kept(9, 0, 7), std::pair(size_t{7}, size_t{0}));
}

TEST(TruncationTest, AnOddTokenStaysWithTheLongerTextOrTheSecond) {
  EXPECT_EQ(Kept(4, 8, 7), std::pair(size_t{3}, size_t{4}));
  EXPECT_EQ(Kept(8, 4, 7), std::pair(size_t{4}, size_t{3}));
  EXPECT_EQ(Kept(8, 8, 7), std::pair(size_t{3}, size_t{4}));
  EXPECT_EQ(Kept(4, 4, 7), std::pair(size_t{3}, size_t{4}));
}

TEST(TruncationTest, KeepsAsManyTokensAsFit) {
  for (size_t first = 0; first < 12; ++first) {
    for (size_t second = 0; second < 12; ++second) {
      for (size_t limit = 0; limit < 24; ++limit) {
        const auto [kept_first, kept_second] = Kept(first, second, limit);
        EXPECT_LE(kept_first, first);
        EXPECT_LE(kept_second, second);
        EXPECT_EQ(kept_first + kept_second, std::min(limit, first + second));
      }
    }
  }
}

TEST(TruncationTest, ThePolicyNamesWhatIsKept) {
  EXPECT_THAT(Tokens(3, TruncationPolicy::kHead), ElementsAre(1, 2, 3));
  EXPECT_THAT(Tokens(3, TruncationPolicy::kTail), ElementsAre(5, 6, 7));
  EXPECT_THAT(Tokens(3, TruncationPolicy::kHeadTail), ElementsAre(1, 2, 7));
  EXPECT_THAT(Tokens(4, TruncationPolicy::kHeadTail), ElementsAre(1, 2, 6, 7));
  for (TruncationPolicy policy : {TruncationPolicy::kHead, TruncationPolicy::kTail, TruncationPolicy::kHeadTail}) {
    EXPECT_THAT(Tokens(0, policy), IsEmpty());
    EXPECT_EQ(Tokens(7, policy).size(), 7u);
    EXPECT_EQ(Tokens(8, policy).size(), 7u);
  }
}

}  // namespace
}  // namespace verdict
