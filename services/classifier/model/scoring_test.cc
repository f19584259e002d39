#include "services/classifier/model/scoring.h"

#include <cmath>
#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::Ge;
using testing::Le;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<float> Scores(const std::vector<float>& logits, FunctionToApply function) {
  auto scores = Score(logits.data(), static_cast<int>(logits.size()), function);
  EXPECT_TRUE(scores.ok()) << scores.status();
  return *scores;
}

TEST(Score, SoftmaxSumsToOneAndKeepsRatios) {
  const auto scores = Scores({1, 2, 3}, FunctionToApply::kSoftmax);
  EXPECT_NEAR(scores[0] + scores[1] + scores[2], 1.0, 1e-6);
  EXPECT_NEAR(scores[2] / scores[1], std::exp(1.0), 1e-5);
}

TEST(Score, StaysWithinZeroAndOneForExtremeLogits) {
  for (const auto& logits :
       std::vector<std::vector<float>>{{3e38f, -3e38f}, {1000, 999}, {-1000, -1001}, {kInfinity, 0}, {-kInfinity, 0}}) {
    for (const auto function : {FunctionToApply::kSoftmax, FunctionToApply::kSigmoid}) {
      EXPECT_THAT(Scores(logits, function), Each(AllOf(Ge(0.f), Le(1.f))));
    }
  }
  EXPECT_THAT(Scores({kInfinity, 0}, FunctionToApply::kSoftmax), ElementsAre(1.f, 0.f));
  EXPECT_THAT(Scores({-kInfinity, -kInfinity}, FunctionToApply::kSoftmax), ElementsAre(0.5f, 0.5f));
  EXPECT_THAT(Scores({5}, FunctionToApply::kSoftmax), ElementsAre(1.f));
}

TEST(Score, SigmoidAndNone) {
  EXPECT_THAT(Scores({0, 1000, -1000}, FunctionToApply::kSigmoid), ElementsAre(0.5f, 1.f, 0.f));
  EXPECT_THAT(Scores({-2.5f, 7}, FunctionToApply::kNone), ElementsAre(-2.5f, 7.f));
}

TEST(Score, RefusesNanAndNamesTheLabel) {
  const float logits[] = {1, std::nanf("")};
  for (const auto function : {FunctionToApply::kSoftmax, FunctionToApply::kSigmoid, FunctionToApply::kNone}) {
    const auto scores = Score(logits, 2, function);
    EXPECT_EQ(scores.status().code(), absl::StatusCode::kInternal);
    EXPECT_THAT(std::string(scores.status().message()), testing::HasSubstr("label id 1"));
  }
}

std::vector<int> Ids(const std::vector<LabelScore>& ranked) {
  std::vector<int> ids;
  for (const auto& label : ranked) ids.push_back(label.label_id);
  return ids;
}

TEST(Rank, DescendsAndBreaksTiesByLabelId) {
  const std::vector<std::string> labels = {"a", "b", "c", "d"};
  const auto ranked = Rank({0.1f, 0.4f, 0.1f, 0.4f}, labels, 0);
  EXPECT_THAT(Ids(ranked), ElementsAre(1, 3, 0, 2));
  EXPECT_EQ(ranked[0].label, "b");
  EXPECT_EQ(ranked[0].score, 0.4f);
}

TEST(Rank, KeepsTopKOfThem) {
  const std::vector<std::string> labels = {"a", "b", "c"};
  EXPECT_THAT(Ids(Rank({0.2f, 0.5f, 0.3f}, labels, 2)), ElementsAre(1, 2));
  EXPECT_THAT(Ids(Rank({0.2f, 0.5f, 0.3f}, labels, 99)), ElementsAre(1, 2, 0));
}

TEST(CombineWindows, FollowsTheFormulas) {
  const std::vector<std::vector<float>> windows = {{0.5f, 0.25f}, {0.25f, 0.75f}, {0.75f, 0.5f}};
  EXPECT_THAT(CombineWindows(windows, WindowCombination::kMean), testing::ElementsAre(0.5f, 0.5f));
  EXPECT_THAT(CombineWindows(windows, WindowCombination::kMax), testing::ElementsAre(0.75f, 0.75f));
  EXPECT_THAT(CombineWindows(windows, WindowCombination::kFirst), testing::ElementsAre(0.5f, 0.25f));
}

}  // namespace
}  // namespace verdict
