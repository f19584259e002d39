#include "gateway/client/replica.h"

#include "gateway/testing/fake_classifier_client.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

using Change = Replica::Change;

class ReplicaTest : public ::testing::Test {
 protected:
  // Of a question that was asked so long after the first.
  Change Hear(const absl::Status& health, absl::Duration asked = absl::ZeroDuration()) {
    return replica_.SetHealth(health, absl::UnixEpoch() + asked);
  }
  Replica::State State() const { return replica_.state(absl::UnixEpoch()); }

  const absl::Status silence_ = absl::DeadlineExceededError("nothing came");
  const absl::Status away_ = absl::UnavailableError("nobody there");
  Replica replica_{std::make_unique<FakeClassifierClient>(), 3, absl::Seconds(1)};
};

TEST_F(ReplicaTest, SilencesInARowAreAHang) {
  EXPECT_EQ(Hear(silence_, absl::Seconds(0)), Change::kNone);
  EXPECT_EQ(Hear(silence_, absl::Seconds(1)), Change::kNone);
  EXPECT_EQ(State(), Replica::State::kGood);
  EXPECT_EQ(Hear(silence_, absl::Seconds(2)), Change::kFallsSilent);
  EXPECT_EQ(State(), Replica::State::kSilent);
  EXPECT_EQ(Hear(silence_, absl::Seconds(3)), Change::kNone) << "it is told once";
  EXPECT_EQ(Hear(absl::OkStatus(), absl::Seconds(4)), Change::kServes);
}

TEST_F(ReplicaTest, QuestionsThatOverlapAreOneSilence) {
  EXPECT_EQ(Hear(away_), Change::kNone);
  for (int tenth = 0; tenth < 20; ++tenth) EXPECT_EQ(Hear(silence_, tenth * absl::Milliseconds(100)), Change::kNone) << tenth;
  EXPECT_EQ(Hear(silence_, absl::Seconds(2)), Change::kFallsSilent);
}

TEST_F(ReplicaTest, AnAnswerEndsASilence) {
  for (int second = 0; second < 20; second += 2) {
    EXPECT_EQ(Hear(silence_, absl::Seconds(second)), Change::kNone);
    EXPECT_EQ(Hear(silence_, absl::Seconds(second + 1)), Change::kNone);
    EXPECT_EQ(Hear(absl::OkStatus(), absl::Seconds(second + 1)), Change::kNone);
  }
}

TEST_F(ReplicaTest, TellsEachChangeOnce) {
  EXPECT_EQ(Hear(away_), Change::kNone) << "it may be starting";
  EXPECT_EQ(State(), Replica::State::kDoubtful);
  EXPECT_EQ(Hear(away_, absl::Milliseconds(1999)), Change::kNone);
  EXPECT_EQ(Hear(away_, absl::Milliseconds(2000)), Change::kDoesNotServe);
  EXPECT_FALSE(replica_.served());
  EXPECT_EQ(Hear(away_, absl::Seconds(9)), Change::kNone);
  EXPECT_EQ(Hear(absl::OkStatus(), absl::Seconds(10)), Change::kServes) << "not again: it is the first time";
  EXPECT_TRUE(replica_.served());
  EXPECT_EQ(Hear(absl::OkStatus(), absl::Seconds(11)), Change::kNone);
  EXPECT_EQ(Hear(away_, absl::Seconds(12)), Change::kNone);
  EXPECT_EQ(Hear(away_, absl::Seconds(15)), Change::kDoesNotServe);
  EXPECT_EQ(Hear(absl::OkStatus(), absl::Seconds(16)), Change::kServesAgain);
}

}  // namespace
}  // namespace verdict
