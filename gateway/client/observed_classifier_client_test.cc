#include "gateway/client/observed_classifier_client.h"

#include <memory>
#include <utility>

#include "absl/time/clock.h"
#include "gateway/testing/fake_classifier_client.h"
#include "gmock/gmock.h"

namespace verdict {
namespace {

class ObservedClassifierClientTest : public ::testing::Test {
 protected:
  ObservedClassifierClientTest() {
    auto beneath = std::make_unique<FakeClassifierClient>();
    beneath_ = beneath.get();
    client_ = std::make_unique<ObservedClassifierClient>(std::move(beneath), [this] { ++successes_; });
  }

  // The answer's status; and how many successes had been told when it came.
  absl::Status Classify() {
    absl::Status status;
    ClassifyCall call;
    call.inputs.emplace_back().text = "hello";
    client_->Classify(std::move(call), {}, [&](const absl::StatusOr<ClassifyReply>& reply) {
      status = reply.status();
      told_before_answer_ = successes_;
    });
    return status;
  }
  absl::Status CheckHealth() {
    absl::Status status;
    client_->CheckHealth(absl::Now() + absl::Seconds(1), [&](absl::Status health) {
      status = std::move(health);
      told_before_answer_ = successes_;
    });
    return status;
  }

  int successes_ = 0;
  int told_before_answer_ = 0;
  FakeClassifierClient* beneath_ = nullptr;
  std::unique_ptr<ObservedClassifierClient> client_;
};

TEST_F(ObservedClassifierClientTest, TellsOfASuccessBeforeTheCallerKnows) {
  EXPECT_TRUE(CheckHealth().ok());
  EXPECT_EQ(told_before_answer_, 1);
  EXPECT_TRUE(Classify().ok());
  EXPECT_EQ(told_before_answer_, 2);
  EXPECT_EQ(beneath_->last_call().inputs.at(0).text, "hello");
}

TEST_F(ObservedClassifierClientTest, PassesFailuresOnInSilence) {
  beneath_->SetHealth(absl::UnavailableError("loading"));
  beneath_->FailWith(absl::ResourceExhaustedError("full"));
  EXPECT_EQ(CheckHealth(), absl::UnavailableError("loading"));
  EXPECT_EQ(Classify(), absl::ResourceExhaustedError("full"));
  EXPECT_EQ(successes_, 0);
}

}  // namespace
}  // namespace verdict
