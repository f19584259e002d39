#include "services/classifier/batching/forward_watch.h"

#include <thread>

#include "gmock/gmock.h"
#include "tests/support/fake_backend.h"

namespace verdict {
namespace {

class ForwardWatchTest : public testing::Test {
 protected:
  // A pass of so many tokens that takes that long.
  void Pass(int tokens, absl::Duration takes) {
    during_ = [this, takes] { now_ += takes; };
    Forward(tokens);
    during_ = nullptr;
  }
  void Forward(int tokens) {
    const TokenSequence sequence{std::vector<int32_t>(static_cast<size_t>(tokens), 1),
                                 std::vector<int32_t>(static_cast<size_t>(tokens), 0)};
    EXPECT_TRUE(backend_->Forward({&sequence}, {.index = 3, .wide = false}).ok());
  }
  // What is found while a pass runs that has taken that long.
  std::optional<ForwardWatch::Stuck> FoundAfter(int tokens, absl::Duration running) {
    std::optional<ForwardWatch::Stuck> found;
    during_ = [&] {
      now_ += running;
      found = watch_.FindStuck();
      now_ -= running;  // as if it had taken no time, so that nothing is learned
    };
    Forward(tokens);
    during_ = nullptr;
    return found;
  }

  absl::Time now_ = absl::UnixEpoch() + absl::Hours(1);
  std::function<void()> during_;
  ForwardWatch watch_{{.allowed = absl::Seconds(10), .now = [this] { return now_; }}};
  std::unique_ptr<Backend> backend_ = [this] {
    auto fake = std::make_unique<FakeBackend>();
    fake->fail_when = [this](const auto&) {
      if (during_) during_();
      return false;
    };
    return watch_.Watch("model", std::move(fake));
  }();
};

TEST_F(ForwardWatchTest, FindsNothingWhereNothingRuns) {
  EXPECT_FALSE(watch_.FindStuck());
  Pass(10, absl::Hours(1));
  EXPECT_FALSE(watch_.FindStuck());
}

TEST_F(ForwardWatchTest, FindsAPassThatTakesLongerThanAllowed) {
  EXPECT_FALSE(FoundAfter(10, absl::Seconds(10)));
  const auto stuck = FoundAfter(10, absl::Seconds(11));
  ASSERT_TRUE(stuck);
  EXPECT_EQ(stuck->model, "model");
  EXPECT_EQ(stuck->lane, 3);
  EXPECT_EQ(stuck->tokens, 10);
  EXPECT_EQ(stuck->since, absl::Seconds(11));
}

TEST_F(ForwardWatchTest, OnASlowMachineALongPassMayTakeLonger) {
  Pass(10, absl::Seconds(1));
  EXPECT_FALSE(FoundAfter(100, absl::Seconds(200)));
  EXPECT_TRUE(FoundAfter(100, absl::Seconds(201)));
  EXPECT_TRUE(FoundAfter(1, absl::Seconds(11)));
}

TEST_F(ForwardWatchTest, OneSlowPassIsNotTheUsual) {
  for (int i = 0; i < 10; ++i) Pass(10, absl::Milliseconds(1));
  Pass(10, absl::Seconds(1));
  EXPECT_TRUE(FoundAfter(100, absl::Seconds(30)));
}

TEST_F(ForwardWatchTest, FindsAQueueThatStandsStill) {
  auto first = std::make_optional(watch_.Enter("model"));
  now_ += absl::Seconds(6);
  auto second = std::make_optional(watch_.Enter("model"));
  const auto other = watch_.Enter("other");
  now_ += absl::Seconds(4);
  EXPECT_FALSE(watch_.FindStuck());
  first.reset();  // it moves
  now_ += absl::Seconds(7);
  const auto stuck = watch_.FindStuck();
  ASSERT_TRUE(stuck);
  EXPECT_EQ(stuck->model, "other");
  EXPECT_EQ(stuck->tokens, 0);
  EXPECT_EQ(stuck->since, absl::Seconds(11));
  second.reset();
}

TEST_F(ForwardWatchTest, AQueueMayWaitForAPassThatMayStillRun) {
  Pass(10, absl::Seconds(1));
  const auto waiting = watch_.Enter("model");
  EXPECT_FALSE(FoundAfter(100, absl::Seconds(150)));
  now_ += absl::Seconds(150);
  EXPECT_TRUE(watch_.FindStuck());
}

TEST_F(ForwardWatchTest, IsTheSameBackendOtherwise) {
  const FakeBackend fake;
  EXPECT_EQ(backend_->info().num_labels, fake.info().num_labels);
}

}  // namespace
}  // namespace verdict
