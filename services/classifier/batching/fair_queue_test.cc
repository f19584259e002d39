#include "services/classifier/batching/fair_queue.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

using testing::ElementsAre;

const absl::Time kStart = absl::UnixEpoch();

absl::Time At(int ms) { return kStart + absl::Milliseconds(ms); }

class FairQueueTest : public testing::Test {
 protected:
  void Push(const std::string& client, int due_ms, std::vector<int> lengths, absl::Duration spread = absl::ZeroDuration(),
            absl::Time deadline = absl::InfiniteFuture()) {
    auto job = std::make_shared<Job>();
    for (const int length : lengths) {
      job->sequences.push_back({std::vector<int32_t>(static_cast<size_t>(length)), {}});
    }
    job->logits.rows = static_cast<int>(lengths.size());
    job->context.client = client;
    job->context.deadline = deadline;
    job->due = At(due_ms);
    job->spread = spread;
    queue_.Push(std::move(job));
  }
  // The lengths of all that wait, in the order in which they are taken.
  std::vector<int64_t> TakeAll() {
    std::vector<int64_t> lengths;
    while (!queue_.empty()) {
      const BatchItem item = queue_.TakeSequence();
      lengths.push_back(item.job->tokens(item.index));
    }
    EXPECT_EQ(queue_.sequences(), 0);
    EXPECT_EQ(queue_.tokens(), 0);
    return lengths;
  }
  int64_t Ahead(const std::string& client, int due_ms, int64_t tokens) {
    return queue_.TokensAhead({.client = client, .due = At(due_ms), .tokens = tokens});
  }

  FairQueue queue_;
};

TEST_F(FairQueueTest, WhatIsDueFirstGoesFirstThenWhatCameFirst) {
  Push("", 20, {1});
  Push("", 10, {2, 3});
  Push("other", 15, {4});
  Push("", 20, {5});
  EXPECT_EQ(queue_.sequences(), 5);
  EXPECT_EQ(queue_.tokens(), 15);
  EXPECT_THAT(TakeAll(), ElementsAre(2, 3, 4, 1, 5));
}

TEST_F(FairQueueTest, AClientThatHasHadMoreStandsBack) {
  for (int i = 0; i < 5; ++i) Push("greedy", i, {200});
  Push("modest", 100, {10});
  Push("modest", 101, {11});
  // 200 and 400 are more than a turn above none.
  EXPECT_THAT(TakeAll(), ElementsAre(200, 200, 10, 11, 200, 200, 200));
}

TEST_F(FairQueueTest, ClientsAlternateByTurns) {
  for (int i = 0; i < 4; ++i) Push("a", i, {300});
  for (int i = 0; i < 4; ++i) Push("b", 100 + i, {301});
  EXPECT_THAT(TakeAll(), ElementsAre(300, 301, 300, 301, 300, 301, 300, 301));
}

TEST_F(FairQueueTest, WhoComesLaterOwesNothingAndIsOwedNothing) {
  Push("a", 0, {1000});
  Push("a", 1, {1001});
  Push("a", 2, {1002});
  EXPECT_EQ(queue_.TakeSequence().job->tokens(0), 1000);
  for (int i = 0; i < 3; ++i) Push("b", 100 + i, {300 + i});
  // As if both had begun now; 1001 is more than three turns.
  EXPECT_THAT(TakeAll(), ElementsAre(1001, 300, 301, 302, 1002));
}

TEST_F(FairQueueTest, WhatComesMeanwhileGoesBetweenThePartsOfALargeRequest) {
  Push("", 0, {128, 128, 129, 129, 130, 130}, absl::Milliseconds(1));
  EXPECT_EQ(queue_.TakeSequence().index, 0u);
  Push("", 10, {1});   // after the turn that has begun
  Push("", 300, {2});  // the second turn is due at 256, the third at 514
  EXPECT_THAT(TakeAll(), ElementsAre(128, 1, 129, 129, 2, 130, 130));
}

TEST_F(FairQueueTest, ALargeRequestIsDueAtItsDeadlineAtTheLatest) {
  Push("", 0, {256, 256, 257}, absl::Seconds(1), At(50));
  Push("", 60, {1});
  EXPECT_THAT(TakeAll(), ElementsAre(256, 256, 257, 1));
}

TEST_F(FairQueueTest, DropTakesAllThatIsLeftOfAJob) {
  Push("", 0, {1, 2, 3});
  Push("", 1, {4});
  EXPECT_TRUE(queue_.contended());
  queue_.TakeSequence();
  queue_.Drop();
  EXPECT_EQ(queue_.tokens(), 4);
  EXPECT_FALSE(queue_.contended());
  EXPECT_THAT(TakeAll(), ElementsAre(4));
}

TEST_F(FairQueueTest, AheadIsWhatIsDueBefore) {
  EXPECT_EQ(Ahead("", 0, 10), 0);
  Push("", 10, {100});
  Push("", 20, {50, 50});
  Push("b", 15, {7});
  EXPECT_EQ(Ahead("", 5, 10), 0);
  EXPECT_EQ(Ahead("", 10, 10), 100);
  EXPECT_EQ(Ahead("", 20, 10), 207);
  EXPECT_EQ(Ahead("new", 30, 10), 207);
}

TEST_F(FairQueueTest, AheadOfAModestClientIsNotAllOfAGreedyOne) {
  for (int i = 0; i < 100; ++i) Push("greedy", i, {100});
  EXPECT_EQ(Ahead("greedy", 1000, 30), 10'000);
  EXPECT_EQ(Ahead("modest", 1000, 30), 30 + FairQueue::kTurn);
}

TEST_F(FairQueueTest, AheadOfAGreedyClientIsAlsoWhatIsDueLaterOfOthers) {
  for (int i = 0; i < 100; ++i) Push("greedy", i, {100});
  Push("modest", 5000, {50});
  EXPECT_EQ(Ahead("greedy", 1000, 30), 10'050);
}

TEST_F(FairQueueTest, AheadOfASmallRequestIsAPartOfALargeOne) {
  Push("", 0, std::vector<int>(100, 100), absl::Milliseconds(1));
  EXPECT_EQ(Ahead("", 1000, 30), FairQueue::kTurn + 1000);
  EXPECT_EQ(Ahead("", 1'000'000, 30), 10'000);
}

}  // namespace
}  // namespace verdict
