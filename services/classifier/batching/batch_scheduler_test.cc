#include "services/classifier/batching/batch_scheduler.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <optional>
#include <system_error>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_backend.h"
#include "tests/support/recording_observer.h"
#include "tests/support/thread_limit.h"

namespace verdict {
namespace {

using testing::ElementsAre;
using Outcome = BatchScheduler::Outcome;

TokenSequence Sequence(int length, int32_t id = 1) {
  return {std::vector<int32_t>(static_cast<size_t>(length), id), std::vector<int32_t>(static_cast<size_t>(length), 0)};
}

class BatchSchedulerTest : public testing::Test {
 protected:
  void Start(int max_batch_tokens = 100, int lanes = 1, int64_t wide_from_tokens = 0) {
    auto backend = std::make_unique<FakeBackend>(2, lanes);
    backend->SetWideFromTokens(wide_from_tokens);
    backend_ = backend.get();
    scheduler_ =
        std::make_unique<BatchScheduler>(std::move(backend), BatchScheduler::Options{.max_batch_tokens = max_batch_tokens,
                                                                                     .observer = &observer_,
                                                                                     .model = "tickets",
                                                                                     .model_version = "7",
                                                                                     .now = [this] { return now_; }});
  }

  std::future<absl::StatusOr<Outcome>> Submit(std::vector<TokenSequence> sequences, CallContext context = {}) {
    auto promise = std::make_shared<std::promise<absl::StatusOr<Outcome>>>();
    scheduler_->Submit(std::move(sequences), context,
                       [promise](absl::StatusOr<Outcome> outcome) { promise->set_value(std::move(outcome)); });
    return promise->get_future();
  }

  // Fills the lane with a request that stays until Release.
  std::future<absl::StatusOr<Outcome>> Occupy(int tokens = 1) {
    backend_->Hold();
    auto future = Submit({Sequence(tokens)});
    backend_->AwaitBatches(1);
    return future;
  }

  absl::Time now_ = absl::UnixEpoch();  // changed only while the lane is held or idle
  RecordingObserver observer_;
  FakeBackend* backend_ = nullptr;
  std::unique_ptr<BatchScheduler> scheduler_;
};

TEST_F(BatchSchedulerTest, EndsTheLanesItHasStartedWhenThereAreNoMoreThreads) {
  const ThreadLimit limit(2);
  EXPECT_THROW(Start(100, 4), std::system_error);
}

TEST_F(BatchSchedulerTest, AnswersEachSequenceInOrder) {
  Start();
  const auto outcome = Submit({Sequence(3, 1), Sequence(2, 10)}).get();
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_THAT(outcome->logits.values, ElementsAre(3, 6, 20, 40));
  EXPECT_EQ(outcome->logits.rows, 2);
}

TEST_F(BatchSchedulerTest, TellsOfEachBatchWhoseNumberItsRequestsHave) {
  Start(12);
  auto first = Occupy();
  auto second = Submit({Sequence(5), Sequence(6), Sequence(7)});
  backend_->Release();
  EXPECT_THAT(first.get()->batches, ElementsAre(1));
  EXPECT_THAT(second.get()->batches, ElementsAre(2, 3));
  const auto batches = observer_.batches();
  ASSERT_EQ(batches.size(), 3u);
  EXPECT_EQ(batches[1].id, 2u);
  EXPECT_EQ(batches[1].model, "tickets");
  EXPECT_EQ(batches[1].model_version, "7");
  EXPECT_EQ(batches[1].sequences, 2);
  EXPECT_EQ(batches[1].tokens, 11);
  EXPECT_EQ(batches[1].longest, 6);
  EXPECT_TRUE(batches[1].ok);
}

TEST_F(BatchSchedulerTest, TellsOnceOfABatchThatFailed) {
  Start();
  auto first = Occupy();
  backend_->fail_when = [](const auto& sequences) { return sequences.front()->ids.size() > 1; };
  auto second = Submit({Sequence(5)});
  auto third = Submit({Sequence(6)});
  backend_->Release();
  EXPECT_FALSE(second.get().ok());
  EXPECT_FALSE(third.get().ok());
  scheduler_.reset();
  ASSERT_EQ(observer_.batches().size(), 2u);
  EXPECT_FALSE(observer_.batches()[1].ok);
}

TEST_F(BatchSchedulerTest, WhatGathersWhileTheLaneIsBusyBecomesOneBatch) {
  Start();
  auto first = Occupy();
  auto second = Submit({Sequence(5)});
  auto third = Submit({Sequence(6), Sequence(7)});
  backend_->Release();
  EXPECT_TRUE(second.get().ok());
  EXPECT_THAT(third.get()->logits.values, ElementsAre(6, 12, 7, 14));
  EXPECT_THAT(backend_->batches(), ElementsAre(ElementsAre(1), ElementsAre(5, 6, 7)));
}

TEST_F(BatchSchedulerTest, BatchesKeepToTheTokenBudgetAndLongSequencesGoAlone) {
  Start(10);
  auto first = Occupy();
  auto rest = Submit({Sequence(6), Sequence(4), Sequence(1), Sequence(50), Sequence(2)});
  backend_->Release();
  ASSERT_TRUE(rest.get().ok());
  EXPECT_THAT(backend_->batches(),
              ElementsAre(ElementsAre(1), ElementsAre(6, 4), ElementsAre(1), ElementsAre(50), ElementsAre(2)));
}

TEST_F(BatchSchedulerTest, ExpiredAndCancelledRequestsNeverReachTheBackend) {
  Start();
  auto first = Occupy();
  bool gone = false;
  auto late = Submit({Sequence(5)}, {.deadline = now_ + absl::Seconds(1), .request_id = {}, .cancelled = {}});
  auto cancelled = Submit({Sequence(6), Sequence(6)},
                          {.deadline = absl::InfiniteFuture(), .request_id = {}, .cancelled = [&gone] { return gone; }});
  auto wanted = Submit({Sequence(7)}, {.deadline = now_ + absl::Seconds(3), .request_id = {}, .cancelled = {}});
  now_ += absl::Seconds(2);
  gone = true;
  backend_->Release();
  EXPECT_EQ(late.get().status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(cancelled.get().status().code(), absl::StatusCode::kCancelled);
  EXPECT_TRUE(wanted.get().ok());
  EXPECT_THAT(backend_->batches(), ElementsAre(ElementsAre(1), ElementsAre(7)));
}

TEST_F(BatchSchedulerTest, OneBadTextDoesNotFailItsNeighbours) {
  Start();
  auto first = Occupy();
  backend_->fail_when = [](const auto& sequences) {
    return std::any_of(sequences.begin(), sequences.end(), [](const TokenSequence* s) { return s->ids[0] == 666; });
  };
  auto good = Submit({Sequence(2)});
  auto bad = Submit({Sequence(3), Sequence(3, 666), Sequence(3)});
  auto also_good = Submit({Sequence(4)});
  backend_->Release();
  EXPECT_TRUE(good.get().ok());
  EXPECT_EQ(bad.get().status().code(), absl::StatusCode::kInternal);
  EXPECT_TRUE(also_good.get().ok());
  // The first, all, and each alone but the one whose request had failed by then.
  EXPECT_EQ(backend_->batches().size(), 6u);
}

TEST_F(BatchSchedulerTest, AMatrixOfTheWrongShapeIsAnErrorAndNoOverrun) {
  Start();
  backend_->extra_columns = 1;
  EXPECT_EQ(Submit({Sequence(2)}).get().status().code(), absl::StatusCode::kInternal);
}

TEST_F(BatchSchedulerTest, MeasuresWaitingAndComputing) {
  Start();
  auto first = Occupy();
  auto second = Submit({Sequence(2)});
  now_ += absl::Seconds(5);
  backend_->Release();
  EXPECT_EQ(second.get()->queue, absl::Seconds(5));
  EXPECT_EQ(first.get()->compute, absl::Seconds(5));
}

TEST_F(BatchSchedulerTest, DestructionFinishesTheRunningBatchAndRefusesTheRest) {
  Start();
  auto running = Occupy();
  auto waiting = Submit({Sequence(2), Sequence(3)});
  std::thread destroyer([this] { scheduler_.reset(); });
  backend_->Release();
  destroyer.join();
  EXPECT_TRUE(running.get().ok());
  const auto outcome = waiting.get();  // it either rode in a last batch or was refused: answered in any case
  EXPECT_TRUE(outcome.ok() || outcome.status().code() == absl::StatusCode::kUnavailable);
}

TEST_F(BatchSchedulerTest, ALoneSequenceGetsAllProcessors) {
  Start(100, 4);
  ASSERT_TRUE(Submit({Sequence(5)}).get().ok());
  ASSERT_TRUE(Submit({Sequence(5), Sequence(6), Sequence(7)}).get().ok());  // fewer than lanes
  EXPECT_THAT(backend_->wide_batches(), ElementsAre(true, true));
}

TEST_F(BatchSchedulerTest, AShortPassStaysOnOneProcessor) {
  Start(100, 2, 20);
  ASSERT_TRUE(Submit({Sequence(19)}).get().ok());
  ASSERT_TRUE(Submit({Sequence(20)}).get().ok());
  EXPECT_THAT(backend_->wide_batches(), ElementsAre(false, true));
}

TEST_F(BatchSchedulerTest, ARequestOfManySequencesWakesEveryLane) {
  Start(100, 3);
  backend_->Hold();
  auto request = Submit({Sequence(10), Sequence(10), Sequence(10)});
  backend_->AwaitBatches(3);
  EXPECT_EQ(backend_->batches().size(), 3u);
  backend_->Release();
  EXPECT_TRUE(request.get().ok());
}

TEST_F(BatchSchedulerTest, ALaneLeavesAShareToThoseThatWillBeFree) {
  Start(4000, 2, 1'000'000);
  auto first = Occupy();  // on one lane
  auto rest = Submit(std::vector<TokenSequence>(40, Sequence(50)));
  backend_->AwaitBatches(2);
  EXPECT_EQ(backend_->batches().at(1).size(), 20u);  // half of what waits, though nobody else is free
  backend_->Release();
  EXPECT_TRUE(rest.get().ok());
}

TEST_F(BatchSchedulerTest, AShareIsWorthABatch) {
  Start(4000, 2, 1'000'000);
  auto first = Occupy();
  auto rest = Submit(std::vector<TokenSequence>(6, Sequence(50)));
  backend_->AwaitBatches(2);
  EXPECT_EQ(backend_->batches().at(1).size(), 5u);  // 256 tokens, where half are 150
  backend_->Release();
  EXPECT_TRUE(rest.get().ok());
}

TEST_F(BatchSchedulerTest, LanesShareWhatWaits) {
  Start(100, 2);
  auto first = Occupy();
  auto rest = Submit({Sequence(10), Sequence(10), Sequence(10), Sequence(10)});
  backend_->Release();
  ASSERT_TRUE(first.get().ok());
  const auto outcome = rest.get();
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_THAT(outcome->logits.values, ElementsAre(10, 20, 10, 20, 10, 20, 10, 20));
  // Who takes the second half depends on which lane is quicker.
  EXPECT_THAT(backend_->batches()[1], ElementsAre(10, 10));
  EXPECT_FALSE(backend_->wide_batches()[1]);
  EXPECT_EQ(backend_->broken(), "");
}

TEST_F(BatchSchedulerTest, WhatIsDueFirstGoesFirstAndAgeCounts) {
  Start(10);
  auto first = Occupy(1000);             // half a millisecond for a token
  auto patient = Submit({Sequence(9)});  // due a second after its arrival
  auto late = Submit({Sequence(8)}, {.deadline = now_ + absl::Milliseconds(1500), .request_id = {}, .cancelled = {}});
  auto hasty = Submit({Sequence(7)}, {.deadline = now_ + absl::Milliseconds(900), .request_id = {}, .cancelled = {}});
  now_ += absl::Milliseconds(500);
  auto newcomer = Submit({Sequence(6)}, {.deadline = now_ + absl::Milliseconds(800), .request_id = {}, .cancelled = {}});
  backend_->Release();
  for (auto* answer : {&first, &patient, &late, &hasty, &newcomer}) ASSERT_TRUE(answer->get().ok());
  EXPECT_THAT(backend_->batches(),
              ElementsAre(ElementsAre(1000), ElementsAre(7), ElementsAre(9), ElementsAre(8), ElementsAre(6)));
}

// Many callers, texts that fail, callers that go away: each is answered once, and no lane is given two batches.
TEST_F(BatchSchedulerTest, ManyCallersOnManyLanes) {
  Start(20, 3);
  backend_->fail_when = [](const auto& sequences) {
    return std::any_of(sequences.begin(), sequences.end(), [](const TokenSequence* s) { return s->ids[0] == 666; });
  };
  std::atomic<int> answered = 0, wrong = 0;
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&, caller] {
      for (int i = 0; i < 200; ++i) {
        const bool bad = i % 7 == 3, gone = i % 11 == 5;
        std::vector<TokenSequence> sequences;
        for (int j = 0; j <= (i + caller) % 5; ++j) sequences.push_back(Sequence(1 + (i + j) % 9, bad && j == 0 ? 666 : 1));
        const auto count = sequences.size();
        const auto outcome = Submit(std::move(sequences),
                                    {.deadline = absl::InfiniteFuture(), .request_id = {}, .cancelled = [gone] { return gone; }})
                                 .get();
        ++answered;
        const absl::StatusCode wanted = outcome.status().code();
        if (gone  ? wanted != absl::StatusCode::kCancelled
            : bad ? wanted != absl::StatusCode::kInternal
                  : !outcome.ok() || outcome->logits.values.size() != 2 * count) {
          ++wrong;
        }
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(answered, 800);
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(backend_->broken(), "");
}

TEST_F(BatchSchedulerTest, ACallbackMaySubmitAgain) {
  Start();
  std::promise<bool> inner;
  scheduler_->Submit({Sequence(1)}, {}, [&](absl::StatusOr<Outcome>) {
    scheduler_->Submit({Sequence(2)}, {}, [&](absl::StatusOr<Outcome> outcome) { inner.set_value(outcome.ok()); });
  });
  EXPECT_TRUE(inner.get_future().get());
}

}  // namespace
}  // namespace verdict
