#include <chrono>
#include <future>
#include <memory>
#include <vector>

#include "common/retry_delay.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/classifier/batching/batch_scheduler.h"
#include "tests/support/fake_backend.h"

namespace verdict {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Outcome = BatchScheduler::Outcome;
using Answer = std::future<absl::StatusOr<Outcome>>;

constexpr absl::StatusCode kOverloaded = absl::StatusCode::kResourceExhausted;

TokenSequence Sequence(int length) {
  return {std::vector<int32_t>(static_cast<size_t>(length), 1), std::vector<int32_t>(static_cast<size_t>(length), 0)};
}

// One lane, a clock of its own, and a backend that takes a millisecond for a token once it has LearntThat.
class SchedulerAdmissionTest : public testing::Test {
 protected:
  ~SchedulerAdmissionTest() override { backend_->Release(); }
  void Start(absl::Duration max_queue_wait = absl::InfiniteDuration()) {
    auto backend = std::make_unique<FakeBackend>();
    backend_ = backend.get();
    scheduler_ =
        std::make_unique<BatchScheduler>(std::move(backend), BatchScheduler::Options{.max_batch_tokens = 100,
                                                                                     .max_queue_wait = max_queue_wait,
                                                                                     .now = [this] { return now_; },
                                                                                     .jitter = [this] { return jitter_; }});
  }
  Answer Submit(int tokens, absl::Duration timeout = absl::InfiniteDuration(), bool accepted = false, const char* client = "") {
    auto promise = std::make_shared<std::promise<absl::StatusOr<Outcome>>>();
    scheduler_->Submit({Sequence(tokens)}, Within(timeout, accepted, client),
                       [promise](absl::StatusOr<Outcome> outcome) { promise->set_value(std::move(outcome)); });
    return promise->get_future();
  }
  CallContext Within(absl::Duration timeout, bool accepted = false, const char* client = "") const {
    CallContext context;
    context.deadline = now_ + timeout;
    context.accepted = accepted;
    context.client = client;
    return context;
  }
  // Runs a batch of so many tokens that takes so long.
  void Pass(int tokens, absl::Duration took) {
    Answer answer = Hold(tokens);
    now_ += took;
    backend_->Release();
    ASSERT_TRUE(answer.get().ok());
  }
  void LearnThat() { Pass(100, absl::Milliseconds(100)); }
  // Fills the lane until Release.
  Answer Hold(int tokens) {
    const size_t before = backend_->batches().size();
    backend_->Hold();
    Answer answer = Submit(tokens);
    backend_->AwaitBatches(before + 1);
    return answer;
  }
  void ExpectRefused(Answer answer) { EXPECT_EQ(Refusal(std::move(answer)).code(), kOverloaded); }
  // The status of what is refused before Submit returns.
  static absl::Status Refusal(Answer answer) {
    if (answer.wait_for(std::chrono::seconds(0)) == std::future_status::ready) return answer.get().status();
    return absl::UnknownError("it was queued");
  }

  absl::Time now_ = absl::UnixEpoch();  // changed only while the lane is held or idle
  double jitter_ = 0;
  FakeBackend* backend_ = nullptr;
  std::unique_ptr<BatchScheduler> scheduler_;
};

TEST_F(SchedulerAdmissionTest, RefusesAtOnceWhatWouldBeLate) {
  Start();
  LearnThat();
  Answer running = Hold(100);
  const absl::Status status = Refusal(Submit(100, absl::Milliseconds(220)));
  EXPECT_EQ(status.code(), kOverloaded);
  EXPECT_THAT(std::string(status.message()), HasSubstr("would take about 200ms, and the deadline is in 220ms"));
  EXPECT_EQ(RetryDelayOf(status), absl::Milliseconds(100));
  Answer fits = Submit(100, absl::Milliseconds(230));
  backend_->Release();
  EXPECT_TRUE(fits.get().ok());
}

TEST_F(SchedulerAdmissionTest, CountsWhatIsDueBeforeAndNotWhatIsDueAfter) {
  Start();
  LearnThat();
  Answer running = Hold(100);
  Answer patient = Submit(100);  // due in a second
  Answer hasty = Submit(100, absl::Milliseconds(500));
  Answer hastier = Submit(100, absl::Milliseconds(300));
  ExpectRefused(Submit(100, absl::Milliseconds(320)));  // behind hastier: 300 ms
  Answer patient_too = Submit(100, absl::Milliseconds(2000));
  ExpectRefused(Submit(600, absl::Milliseconds(1050)));
  backend_->Release();
  for (Answer* answer : {&running, &patient, &hasty, &hastier, &patient_too}) EXPECT_TRUE(answer->get().ok());
}

TEST_F(SchedulerAdmissionTest, NeverRefusesWhatALaneCanBeginAtOnce) {
  Start();
  Pass(100, absl::Seconds(30));
  EXPECT_TRUE(Submit(100, absl::Milliseconds(1)).get().ok());
  EXPECT_TRUE(scheduler_->Check(1000, 100'000, Within(absl::Milliseconds(1))).ok());
}

TEST_F(SchedulerAdmissionTest, KnowsNothingBeforeTheFirstPassAndRefusesNothing) {
  Start(absl::Milliseconds(1));
  Answer running = Hold(100);
  now_ += absl::Seconds(30);
  Answer second = Submit(100, absl::Milliseconds(1));
  backend_->Release();
  EXPECT_TRUE(second.get().ok());
}

TEST_F(SchedulerAdmissionTest, WhatWasAcceptedEarlierIsNotRefused) {
  Start();
  LearnThat();
  Answer running = Hold(100);
  ExpectRefused(Submit(100, absl::Milliseconds(120)));
  Answer next_step = Submit(100, absl::Milliseconds(120), true);
  backend_->Release();
  EXPECT_TRUE(next_step.get().ok());
}

TEST_F(SchedulerAdmissionTest, ThereIsALongestWaitWhateverTheDeadline) {
  Start(absl::Milliseconds(350));
  LearnThat();
  Answer running = Hold(100);
  std::vector<Answer> waiting;
  for (int i = 0; i < 3; ++i) waiting.push_back(Submit(100));
  const absl::Status status = Refusal(Submit(10));
  EXPECT_EQ(status.code(), kOverloaded);
  EXPECT_THAT(std::string(status.message()), HasSubstr("wait for about 400ms, and 350ms are allowed"));
  EXPECT_EQ(RetryDelayOf(status), absl::Milliseconds(400));
  waiting.push_back(Submit(100));  // takes long itself, and may wait four times as long
  ExpectRefused(Submit(100));
  backend_->Release();
  for (Answer& answer : waiting) EXPECT_TRUE(answer.get().ok());
}

TEST_F(SchedulerAdmissionTest, IsStricterBeforeTheTextsAreTokenised) {
  Start();
  LearnThat();
  Answer running = Hold(100);
  EXPECT_EQ(scheduler_->Check(1, 100, Within(absl::Milliseconds(240))).code(), kOverloaded);
  EXPECT_TRUE(scheduler_->Check(1, 100, Within(absl::Milliseconds(260))).ok());
  Answer tokenised = Submit(100, absl::Milliseconds(240));
  backend_->Release();
  EXPECT_TRUE(tokenised.get().ok());
}

TEST_F(SchedulerAdmissionTest, ALaneThatHangsLetsNobodyWaitInVain) {
  Start();
  LearnThat();
  Answer running = Hold(100);
  now_ += absl::Seconds(5);
  ExpectRefused(Submit(10, absl::Seconds(4)));
  EXPECT_EQ(scheduler_->PredictedWait(), absl::Milliseconds(4900));
  backend_->Release();
  ASSERT_TRUE(running.get().ok());
  EXPECT_EQ(scheduler_->PredictedWait(), absl::ZeroDuration());
  EXPECT_TRUE(Submit(10, absl::Milliseconds(1)).get().ok());  // and is used again at once
}

TEST_F(SchedulerAdmissionTest, TheDelayIsBoundedAndSpread) {
  Start();
  LearnThat();
  EXPECT_EQ(scheduler_->RetryDelay(), absl::Milliseconds(100));
  Answer running = Hold(100);
  std::vector<Answer> waiting;
  for (int i = 0; i < 9; ++i) waiting.push_back(Submit(100));
  EXPECT_EQ(scheduler_->RetryDelay(), absl::Seconds(1));
  jitter_ = 0.5;
  EXPECT_EQ(scheduler_->RetryDelay(), absl::Milliseconds(1125));
  for (int i = 0; i < 200; ++i) waiting.push_back(Submit(100));
  EXPECT_EQ(scheduler_->RetryDelay(), absl::Milliseconds(11'250));
  backend_->Release();
  for (Answer& answer : waiting) EXPECT_TRUE(answer.get().ok());
}

TEST_F(SchedulerAdmissionTest, WhatCannotBeInTimeAnyMoreIsNotComputed) {
  Start();
  LearnThat();
  Answer running = Hold(100);
  Answer first = Submit(100, absl::Milliseconds(300));
  Answer second = Submit(100, absl::Milliseconds(400));
  now_ += absl::Milliseconds(250);
  backend_->Release();
  EXPECT_EQ(first.get().status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(second.get().ok());
  EXPECT_THAT(backend_->batches(), ElementsAre(ElementsAre(100), ElementsAre(100), ElementsAre(100)));
}

TEST_F(SchedulerAdmissionTest, ABatchEndsBeforeItsFirstDeadline) {
  Start();
  LearnThat();
  Answer running = Hold(100);
  Answer hasty = Submit(20, absl::Milliseconds(300));
  std::vector<Answer> patient;
  for (int i = 0; i < 4; ++i) patient.push_back(Submit(20));
  now_ += absl::Milliseconds(215);  // leaves 85, and all five would take 123, as this pass has taught
  backend_->Release();
  EXPECT_TRUE(hasty.get().ok());
  for (Answer& answer : patient) EXPECT_TRUE(answer.get().ok());
  EXPECT_THAT(backend_->batches().at(2), ElementsAre(20, 20, 20));
}

TEST_F(SchedulerAdmissionTest, OneClientsQueueIsNotInTheWayOfAnother) {
  Start();
  LearnThat();
  Answer running = Hold(100);
  std::vector<Answer> greedy;
  for (int i = 0; i < 30; ++i) greedy.push_back(Submit(100, absl::Seconds(5), false, "greedy"));
  ExpectRefused(Submit(100, absl::Seconds(3), false, "greedy"));
  Answer modest = Submit(100, absl::Seconds(3), false, "modest");
  backend_->Release();
  EXPECT_TRUE(modest.get().ok());
  for (Answer& answer : greedy) EXPECT_TRUE(answer.get().ok());
}

TEST_F(SchedulerAdmissionTest, ALargeRequestIsNotInTheWayOfSmallOnes) {
  Start();
  LearnThat();
  Answer running = Hold(100);
  auto promise = std::make_shared<std::promise<absl::StatusOr<Outcome>>>();
  scheduler_->Submit(std::vector<TokenSequence>(100, Sequence(100)), {},
                     [promise](absl::StatusOr<Outcome> outcome) { promise->set_value(std::move(outcome)); });
  EXPECT_EQ(scheduler_->PredictedWait(), absl::Milliseconds(100) + absl::Milliseconds(1) * FairQueue::kTurn);
  Answer small = Submit(10);
  backend_->Release();
  EXPECT_TRUE(small.get().ok());
  EXPECT_TRUE(promise->get_future().get().ok());
  EXPECT_THAT(backend_->batches().at(5), ElementsAre(10));  // after those that taught and held, and a turn of three
}

}  // namespace
}  // namespace verdict
