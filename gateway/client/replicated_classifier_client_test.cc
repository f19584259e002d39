#include "gateway/client/replicated_classifier_client.h"

#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "gateway/client/call_failure.h"
#include "gateway/testing/event.h"
#include "gateway/testing/fake_classifier_client.h"
#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kPatience = absl::Seconds(10);

absl::Status NotTaken() { return absl::UnavailableError("not taken"); }
absl::Status Lost() { return MarkLost(absl::UnavailableError("lost")); }

class ReplicatedClassifierClientTest : public ::testing::Test {
 protected:
  ReplicatedClassifierClientTest() {
    options_.retry.first_pause = absl::Milliseconds(1);
    options_.retry.longest_pause = absl::Milliseconds(2);
    options_.retry.bridge = kPatience;
    options_.health_interval = absl::Milliseconds(1500);  // the most that the fake allows: asked at the start, and hardly again
  }

  void Start(size_t services = 1) {
    std::vector<std::unique_ptr<ClassifierClient>> clients;
    for (size_t i = 0; i < services; ++i) {
      auto fake = std::make_unique<FakeClassifierClient>();
      fake->ReplyWith(std::to_string(i), 1);
      fake->SetHealth(health_);
      fakes_.push_back(fake.get());
      clients.push_back(std::move(fake));
    }
    client_ = std::make_unique<ReplicatedClassifierClient>(std::move(clients), options_);
  }

  std::future<absl::StatusOr<ClassifyReply>> Begin(CallOptions options = {}) {
    auto done = std::make_shared<std::promise<absl::StatusOr<ClassifyReply>>>();
    ClassifyCall call;
    call.inputs = {{"text", std::nullopt}};
    cancel_ = client_->Classify(std::move(call), std::move(options),
                                [done](absl::StatusOr<ClassifyReply> reply) { done->set_value(std::move(reply)); });
    return done->get_future();
  }
  absl::StatusOr<ClassifyReply> Classify(CallOptions options = {}) { return Begin(std::move(options)).get(); }
  std::string WhoAnswers() {
    const auto reply = Classify();
    return reply.ok() ? reply->results.at(0).labels.at(0).label : std::string(reply.status().message());
  }
  // The first calls fail with these, the rest are answered.
  void FailFirst(size_t service, std::vector<absl::Status> failures) {
    auto left = std::make_shared<std::vector<absl::Status>>(std::move(failures));
    fakes_[service]->AnswerBy([left](const ClassifyCall& call) -> absl::StatusOr<ClassifyReply> {
      EXPECT_EQ(call.inputs.at(0).text, "text");  // the whole call, each time
      if (left->empty()) {
        ClassifyReply reply;
        reply.results.emplace_back().labels.push_back({"again", 1, 0});
        return reply;
      }
      const absl::Status status = left->front();
      left->erase(left->begin());
      return status;
    });
  }
  RetryCounters& counters() { return *options_.counters; }

  ReplicatedClassifierClient::Options options_;
  absl::Status health_;
  std::vector<FakeClassifierClient*> fakes_;
  std::unique_ptr<ReplicatedClassifierClient> client_;
  CancelCall cancel_;
};

TEST_F(ReplicatedClassifierClientTest, WhatCannotBeTakenIsTriedUntilItIs) {
  Start();
  FailFirst(0, {NotTaken(), NotTaken(), NotTaken(), NotTaken(), NotTaken()});
  EXPECT_EQ(WhoAnswers(), "again");
  EXPECT_EQ(fakes_[0]->calls(), 6u);
  EXPECT_EQ(counters().not_taken, 5u);
  EXPECT_EQ(counters().given_up, 0u);
}

TEST_F(ReplicatedClassifierClientTest, NotByAServiceThatWasNeverSeenServing) {
  health_ = NotTaken();
  Start();
  FailFirst(0, {NotTaken()});
  EXPECT_EQ(WhoAnswers(), "not taken");
  EXPECT_EQ(fakes_[0]->calls(), 1u);
}

TEST_F(ReplicatedClassifierClientTest, ButByOneThatAProbeHasSeen) {
  health_ = NotTaken();
  Start();
  fakes_[0]->SetHealth(absl::OkStatus());
  std::promise<void> asked;
  client_->CheckHealth(absl::Now() + absl::Seconds(1), [&](const absl::Status&) { asked.set_value(); });
  asked.get_future().wait();
  FailFirst(0, {NotTaken()});
  EXPECT_EQ(WhoAnswers(), "again");
}

TEST_F(ReplicatedClassifierClientTest, NorByOneThatHasBeenAwayForLonger) {
  absl::Time now = absl::Now();
  options_.now = [&now] { return now; };
  Start();
  EXPECT_EQ(WhoAnswers(), "0");
  now += kPatience;
  fakes_[0]->FailWith(NotTaken());
  EXPECT_EQ(WhoAnswers(), "not taken");
  EXPECT_EQ(fakes_[0]->calls(), 2u);
}

TEST_F(ReplicatedClassifierClientTest, NorBeyondTheDeadline) {
  absl::Time now = absl::Now();
  options_.now = [&now] { return now; };
  Start();
  fakes_[0]->FailWith(NotTaken());
  EXPECT_EQ(Classify({.deadline = now + absl::Microseconds(500), .request_id = ""}).status(), NotTaken());
  EXPECT_EQ(fakes_[0]->calls(), 1u);
}

TEST_F(ReplicatedClassifierClientTest, NorWhereThatIsSwitchedOff) {
  options_.retry.bridge = absl::ZeroDuration();
  Start();
  FailFirst(0, {NotTaken()});
  EXPECT_EQ(WhoAnswers(), "not taken");
}

TEST_F(ReplicatedClassifierClientTest, OtherFailuresAreFinal) {
  Start(2);
  for (const absl::Status& status : {absl::ResourceExhaustedError("x"), absl::DeadlineExceededError("x"),
                                     absl::InternalError("x"), absl::InvalidArgumentError("x"), absl::NotFoundError("x")}) {
    const size_t before = fakes_[0]->calls() + fakes_[1]->calls();
    fakes_[0]->FailWith(status);
    fakes_[1]->FailWith(status);
    EXPECT_EQ(Classify().status(), status);
    EXPECT_EQ(fakes_[0]->calls() + fakes_[1]->calls(), before + 1);
  }
}

TEST_F(ReplicatedClassifierClientTest, ACallIsLostOnceAndNotTwice) {
  Start();
  FailFirst(0, {NotTaken(), Lost(), NotTaken()});
  EXPECT_EQ(WhoAnswers(), "again");
  FailFirst(0, {Lost(), NotTaken(), Lost()});
  EXPECT_EQ(WhoAnswers(), "lost");
  EXPECT_EQ(counters().lost, 2u);
  EXPECT_EQ(counters().given_up, 1u);
}

TEST_F(ReplicatedClassifierClientTest, LostCallsAreTriedAgainWithinABudget) {
  options_.retry.first_pause = absl::ZeroDuration();
  Start();
  int tries = 0;
  fakes_[0]->AnswerBy([&](const ClassifyCall&) -> absl::StatusOr<ClassifyReply> {
    if (++tries % 2 == 1) return Lost();
    return ClassifyReply();
  });
  int answered = 0;
  while (Classify().ok()) ASSERT_LE(++answered, 2 * RetryBudget::kMost);
  EXPECT_EQ(counters().over_budget, 1u);
  EXPECT_EQ(counters().lost, static_cast<uint64_t>(answered));
  EXPECT_NEAR(answered, RetryBudget::kMost / 0.9, 2);  // each costs one and earns a tenth
}

TEST_F(ReplicatedClassifierClientTest, AReplicaTakesWhatAnotherCannotAtOnce) {
  options_.retry.first_pause = absl::Hours(1);
  Start(2);
  fakes_[1]->FailWith(NotTaken());
  for (int i = 0; i < 10; ++i) EXPECT_EQ(WhoAnswers(), "0");
  EXPECT_EQ(fakes_[1]->calls(), 1u);  // once it has failed, it is asked last
}

TEST_F(ReplicatedClassifierClientTest, TheReplicaWithTheFewestCallsIsAsked) {
  Start(3);
  for (FakeClassifierClient* fake : fakes_) fake->Hold();
  std::vector<std::future<absl::StatusOr<ClassifyReply>>> replies;
  for (int i = 0; i < 9; ++i) replies.push_back(Begin());
  for (FakeClassifierClient* fake : fakes_) {
    EXPECT_EQ(fake->calls(), 3u);
    fake->Release();
  }
  for (auto& reply : replies) EXPECT_TRUE(reply.get().ok());
}

TEST_F(ReplicatedClassifierClientTest, HealthIsThatOfTheBest) {
  Start(2);
  const auto health = [this] {
    std::promise<absl::Status> done;
    client_->CheckHealth(absl::Now() + absl::Seconds(1), [&](absl::Status status) { done.set_value(std::move(status)); });
    return done.get_future().get();
  };
  EXPECT_TRUE(health().ok());
  fakes_[0]->SetHealth(absl::UnavailableError("zero"));
  EXPECT_TRUE(health().ok());
  fakes_[1]->SetHealth(absl::UnavailableError("one"));
  EXPECT_EQ(health(), absl::UnavailableError("one"));
}

TEST_F(ReplicatedClassifierClientTest, FromAReplicaThatFallsSilentItsCallsAreTakenAway) {
  options_.health_interval = absl::Milliseconds(1);
  options_.most_misses = 3;
  Start(2);
  for (FakeClassifierClient* fake : fakes_) fake->Hold();
  auto first = Begin();
  auto second = Begin();
  fakes_[1]->HoldNoMore();
  fakes_[1]->Release();  // whichever it had
  fakes_[0]->SetHealth(absl::DeadlineExceededError("no answer"));
  EXPECT_EQ(first.get()->results.at(0).labels.at(0).label, "1");
  EXPECT_EQ(second.get()->results.at(0).labels.at(0).label, "1");
  EXPECT_EQ(counters().silenced, 1u);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(WhoAnswers(), "1");
  EXPECT_EQ(fakes_[0]->calls(), 1u);
}

TEST_F(ReplicatedClassifierClientTest, WhereAllAreSilentCallsFailAndOneThatReturnsIsFound) {
  options_.health_interval = absl::Milliseconds(1);
  options_.most_misses = 3;
  options_.retry.bridge = absl::ZeroDuration();
  Start();
  fakes_[0]->SetHealth(absl::DeadlineExceededError("no answer"));
  const absl::Time began = absl::Now();
  // With room for some misses in between: an answer takes back those before it.
  for (; WhoAnswers() == "0"; absl::SleepFor(absl::Milliseconds(20))) ASSERT_LT(absl::Now() - began, kPatience);
  EXPECT_THAT(WhoAnswers(), HasSubstr("has stopped answering"));
  fakes_[0]->SetHealth(absl::OkStatus());
  for (; WhoAnswers() != "0"; absl::SleepFor(absl::Milliseconds(20))) ASSERT_LT(absl::Now() - began, kPatience);
}

TEST_F(ReplicatedClassifierClientTest, TheReturnOfAServiceEndsEveryWait) {
  options_.retry.first_pause = options_.retry.longest_pause = absl::Hours(1);
  options_.retry.bridge = absl::Hours(2);
  Start();
  FailFirst(0, {NotTaken()});
  auto waits = Begin();
  EXPECT_EQ(waits.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  EXPECT_EQ(WhoAnswers(), "again");
  EXPECT_TRUE(waits.get().ok());
}

TEST_F(ReplicatedClassifierClientTest, ACallThatWaitsCanBeCancelled) {
  options_.retry.first_pause = options_.retry.longest_pause = absl::Milliseconds(50);
  Start();
  fakes_[0]->FailWith(NotTaken());
  auto waits = Begin();
  cancel_();
  cancel_();
  EXPECT_EQ(waits.get().status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(fakes_[0]->calls(), 1u);
}

TEST_F(ReplicatedClassifierClientTest, CancellingReachesTheTryThatIsUnderWay) {
  Start();
  fakes_[0]->Hold();
  auto held = Begin();
  cancel_();
  EXPECT_TRUE(fakes_[0]->AwaitCancel());
  EXPECT_EQ(held.get().status().code(), absl::StatusCode::kCancelled);
}

TEST_F(ReplicatedClassifierClientTest, ACallThatAServiceCancelsIsLost) {
  Start();
  FailFirst(0, {absl::CancelledError("the server is shutting down")});
  EXPECT_EQ(WhoAnswers(), "again");
}

TEST_F(ReplicatedClassifierClientTest, TheDestructorEndsWhatWaits) {
  options_.retry.first_pause = absl::Hours(1);
  Start();
  fakes_[0]->FailWith(NotTaken());
  auto waits = Begin();
  client_.reset();
  EXPECT_EQ(waits.get().status().code(), absl::StatusCode::kCancelled);
}

TEST_F(ReplicatedClassifierClientTest, LoadsAreNotTriedAgain) {
  Start(2);
  for (FakeClassifierClient* fake : fakes_) fake->ReplyWithModels(NotTaken());
  std::promise<absl::Status> done;
  client_->QueryModels({.kind = ModelsQuery::Kind::kLoad}, {}, [&](auto models) { done.set_value(models.status()); });
  EXPECT_EQ(done.get_future().get(), NotTaken());
  EXPECT_EQ(fakes_[0]->queries() + fakes_[1]->queries(), 1u);
}

}  // namespace
}  // namespace verdict
