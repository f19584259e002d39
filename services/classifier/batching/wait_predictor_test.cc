#include "services/classifier/batching/wait_predictor.h"

#include "gtest/gtest.h"

namespace verdict {
namespace {

const absl::Time kStart = absl::UnixEpoch();

void RunPass(WaitPredictor& predictor, int64_t tokens, absl::Duration took, bool wide = true, int lane = 0) {
  predictor.Began(lane, tokens, wide, kStart);
  predictor.Ended(lane, true, kStart + took);
}

int64_t Ms(absl::Duration duration) { return absl::ToInt64Milliseconds(duration + absl::Microseconds(500)); }

TEST(WaitPredictor, PredictsNothingBeforeAPassHasEnded) {
  WaitPredictor predictor(1, 100);
  predictor.Began(0, 100, true, kStart);
  EXPECT_FALSE(predictor.known());
  EXPECT_EQ(predictor.UntilFree(kStart + absl::Seconds(5)), absl::ZeroDuration());
  EXPECT_EQ(predictor.ToCompute(100'000), absl::ZeroDuration());
  predictor.Ended(0, false, kStart + absl::Seconds(5));  // failed: says nothing of how long a pass takes
  EXPECT_FALSE(predictor.known());
}

TEST(WaitPredictor, WhatIsMoreThanABatchTakesSeveral) {
  WaitPredictor predictor(1, 100);
  RunPass(predictor, 100, absl::Milliseconds(50));
  EXPECT_EQ(Ms(predictor.ToCompute(100)), 50);
  EXPECT_EQ(Ms(predictor.ToCompute(1000)), 500);
  EXPECT_EQ(Ms(predictor.PerToken() * 1000), 500);
}

TEST(WaitPredictor, LanesShareTheWork) {
  WaitPredictor predictor(4, 100);
  RunPass(predictor, 100, absl::Milliseconds(80), false, 2);
  EXPECT_EQ(Ms(predictor.ToCompute(400)), 80);
  EXPECT_EQ(Ms(predictor.ToCompute(4000)), 800);
  EXPECT_EQ(Ms(predictor.OnePass(100)), 80);
}

TEST(WaitPredictor, AWidePassTellsOfNarrowOnesUntilOneHasRun) {
  WaitPredictor predictor(4, 100);
  RunPass(predictor, 100, absl::Milliseconds(20));
  EXPECT_EQ(Ms(predictor.OnePass(100)), 80);
  EXPECT_EQ(Ms(predictor.ToCompute(400)), 80);
}

TEST(WaitPredictor, WhatRunsIsCountedForItsRest) {
  WaitPredictor predictor(2, 100);
  RunPass(predictor, 100, absl::Milliseconds(100), false);
  predictor.Began(1, 100, false, kStart);
  EXPECT_EQ(Ms(predictor.UntilFree(kStart + absl::Milliseconds(40))), 30);  // 60 ms on one of two lanes
  EXPECT_EQ(Ms(predictor.UntilFree(kStart + absl::Milliseconds(100))), 0);
}

TEST(WaitPredictor, APassThatHangsIsTakenToGoOn) {
  WaitPredictor predictor(1, 100);
  RunPass(predictor, 100, absl::Milliseconds(100));
  predictor.Began(0, 100, true, kStart);
  EXPECT_EQ(Ms(predictor.UntilFree(kStart + absl::Milliseconds(30'100))), 30'000);
}

TEST(WaitPredictor, TheLoadIsWhatCameLatelyAndFades) {
  WaitPredictor predictor(1, 100);
  RunPass(predictor, 100, absl::Milliseconds(100));  // 1000 tokens a second
  EXPECT_EQ(predictor.Load(kStart), 0);
  for (int i = 0; i < 200; ++i) predictor.Arrived(50, kStart + i * absl::Milliseconds(100));  // 500 a second
  EXPECT_NEAR(predictor.Load(kStart + absl::Seconds(20)), 0.5, 0.05);
  EXPECT_LT(predictor.Load(kStart + absl::Seconds(40)), 0.01);
  predictor.Arrived(1'000'000, kStart + absl::Seconds(40));
  EXPECT_EQ(predictor.Load(kStart + absl::Seconds(40)), 1);
}

}  // namespace
}  // namespace verdict
