#include "gateway/supervisor/liveness_watch.h"

#include <atomic>
#include <vector>

#include "gateway/testing/event.h"
#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr LivenessWatch::Options kQuick = {.interval = absl::Milliseconds(1), .most_misses = 3};

class LivenessWatchTest : public ::testing::Test {
 protected:
  // Asks until the answers are used up; returns what was said of deaths.
  std::vector<std::string> Watch(std::vector<absl::Status> answers) {
    std::vector<std::string> deaths;
    Event all;
    size_t asked = 0;
    {
      const LivenessWatch watch(
          kQuick,
          [&](absl::Time, absl::AnyInvocable<void(absl::Status)> done) {
            if (asked == answers.size()) return all.Notify();
            done(answers[asked++]);
          },
          [&](const std::string& why) { deaths.push_back(why); });
      EXPECT_TRUE(all.Await());
    }
    return deaths;
  }

  const absl::Status yes_;
  const absl::Status silence_ = absl::DeadlineExceededError("nothing came");
  const absl::Status away_ = absl::UnavailableError("nobody there");
  const absl::Status stuck_ = absl::FailedPreconditionError("it is stuck");
};

TEST_F(LivenessWatchTest, AServiceThatAnswersOrIsAwayIsLeftAlone) {
  EXPECT_THAT(Watch({yes_, away_, away_, away_, away_, yes_, silence_, silence_, yes_, silence_, silence_, away_, silence_}),
              IsEmpty());
}

TEST_F(LivenessWatchTest, SilenceIsTold) {
  EXPECT_THAT(Watch({yes_, silence_, silence_, silence_, silence_, silence_}),
              ElementsAre("it has answered no health check for 3ms"));
}

TEST_F(LivenessWatchTest, ASilenceLastsNoLongerThanItsQuestions) {
  Event dead;
  const LivenessWatch watch(
      {.interval = absl::Hours(1), .most_misses = 3},
      [&](absl::Time, absl::AnyInvocable<void(absl::Status)> done) { done(silence_); },
      [&](const std::string&) { dead.Notify(); });
  EXPECT_TRUE(dead.Await()) << "the patience for an answer is also the time between two questions";
}

TEST_F(LivenessWatchTest, SoIsWhatAServiceSaysOfItself) { EXPECT_THAT(Watch({yes_, stuck_}), ElementsAre("it is stuck")); }

TEST_F(LivenessWatchTest, EndsWithoutAnAnswerAndDropsALateOne) {
  absl::AnyInvocable<void(absl::Status)> late;
  Event asked;
  {
    const LivenessWatch watch(
        kQuick,
        [&](absl::Time, absl::AnyInvocable<void(absl::Status)> done) {
          late = std::move(done);
          asked.Notify();
        },
        [](const std::string&) {});
    ASSERT_TRUE(asked.Await());
  }
  late(absl::OkStatus());
}

}  // namespace
}  // namespace verdict
