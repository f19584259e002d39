#include "services/classifier/batching/batch_scheduler.h"

#include <future>
#include <optional>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_backend.h"

namespace verdict {
namespace {

using testing::ElementsAre;
using Outcome = BatchScheduler::Outcome;

TokenSequence Sequence(int length, int32_t id = 1) {
  return {std::vector<int32_t>(static_cast<size_t>(length), id), std::vector<int32_t>(static_cast<size_t>(length), 0)};
}

class BatchSchedulerTest : public testing::Test {
 protected:
  void Start(int max_batch_tokens = 100) {
    auto backend = std::make_unique<FakeBackend>();
    backend_ = backend.get();
    scheduler_ = std::make_unique<BatchScheduler>(
        std::move(backend), BatchScheduler::Options{.max_batch_tokens = max_batch_tokens, .now = [this] { return now_; }});
  }

  std::future<absl::StatusOr<Outcome>> Submit(std::vector<TokenSequence> sequences, CallContext context = {}) {
    auto promise = std::make_shared<std::promise<absl::StatusOr<Outcome>>>();
    scheduler_->Submit(std::move(sequences), context,
                       [promise](absl::StatusOr<Outcome> outcome) { promise->set_value(std::move(outcome)); });
    return promise->get_future();
  }

  // Fills the lane with a request that stays until Release.
  std::future<absl::StatusOr<Outcome>> Occupy() {
    backend_->Hold();
    auto future = Submit({Sequence(1)});
    backend_->AwaitBatches(1);
    return future;
  }

  absl::Time now_ = absl::UnixEpoch();  // changed only while the lane is held or idle
  FakeBackend* backend_ = nullptr;
  std::unique_ptr<BatchScheduler> scheduler_;
};

TEST_F(BatchSchedulerTest, AnswersEachSequenceInOrder) {
  Start();
  const auto outcome = Submit({Sequence(3, 1), Sequence(2, 10)}).get();
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_THAT(outcome->logits.values, ElementsAre(3, 6, 20, 40));
  EXPECT_EQ(outcome->logits.rows, 2);
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
