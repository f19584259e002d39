#include "services/classifier/batching/token_estimate.h"

#include "gtest/gtest.h"

namespace verdict {
namespace {

TEST(TokenEstimate, GuessesTheLeastBeforeItHasSeenAText) { EXPECT_EQ(TokenEstimate(512).Of(10'000), 2); }

TEST(TokenEstimate, LearnsTokensPerByteBesideTheSpecialOnes) {
  TokenEstimate estimate(512);
  estimate.Learn(2, 400, 104);
  EXPECT_EQ(estimate.Of(200), 52);
  EXPECT_EQ(estimate.Of(0), 2);
  EXPECT_EQ(estimate.Of(1'000'000), 512);
}

TEST(TokenEstimate, FollowsTextsOfAnotherKind) {
  TokenEstimate estimate(512);
  estimate.Learn(1, 100, 27);
  for (int i = 0; i < 100; ++i) estimate.Learn(1, 100, 102);  // bytes of scripts that the vocabulary hardly knows
  EXPECT_NEAR(static_cast<double>(estimate.Of(100)), 102, 2);
  estimate.Learn(1, 0, 2);
  EXPECT_NEAR(static_cast<double>(estimate.Of(100)), 102, 2);
}

}  // namespace
}  // namespace verdict
