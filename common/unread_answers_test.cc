#include "common/unread_answers.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class UnreadAnswersTest : public ::testing::Test {
 protected:
  UnreadAnswers::Entry Add(int name, int64_t bytes) {
    return UnreadAnswers::Add(answers_, bytes, [this, name] { given_up_.push_back(name); });
  }

  std::shared_ptr<UnreadAnswers> answers_ = std::make_shared<UnreadAnswers>(100);
  std::vector<int> given_up_;
};

TEST_F(UnreadAnswersTest, TheOldestAreGivenUpUntilTheRestIsFewEnough) {
  const auto one = Add(1, 40), two = Add(2, 30), three = Add(3, 30);
  EXPECT_THAT(given_up_, IsEmpty());
  const auto four = Add(4, 50);
  EXPECT_THAT(given_up_, ElementsAre(1, 2));
  EXPECT_EQ(answers_->given_up(), 2u);
  const auto five = Add(5, 20);
  EXPECT_THAT(given_up_, ElementsAre(1, 2));
}

TEST_F(UnreadAnswersTest, AnAnswerThatIsSentCountsNoMore) {
  { const auto one = Add(1, 90); }
  auto two = Add(2, 90);
  two = {};
  const auto three = Add(3, 100);
  EXPECT_THAT(given_up_, IsEmpty());
}

TEST_F(UnreadAnswersTest, OneThatIsGivenUpIsNotCountedOffTwice) {
  {
    const auto one = Add(1, 60), two = Add(2, 60);
    EXPECT_THAT(given_up_, ElementsAre(1));
  }
  const auto three = Add(3, 60), four = Add(4, 41);
  EXPECT_THAT(given_up_, ElementsAre(1, 3));
}

TEST_F(UnreadAnswersTest, AnEntryMovesWithWhatItStandsFor) {
  auto one = Add(1, 60);
  auto moved = std::move(one);
  auto other = Add(2, 30);
  other = std::move(moved);
  const auto three = Add(3, 40);
  EXPECT_THAT(given_up_, IsEmpty());
  const auto four = Add(4, 10);
  EXPECT_THAT(given_up_, ElementsAre(1));
}

TEST_F(UnreadAnswersTest, TheNewestIsKeptHoweverLargeItIs) {
  const auto one = Add(1, 10), two = Add(2, 1000);
  EXPECT_THAT(given_up_, ElementsAre(1));
}

TEST_F(UnreadAnswersTest, WithoutThemThereIsNoLimit) {
  answers_ = nullptr;
  const auto one = Add(1, 1000), two = Add(2, 1000);
  EXPECT_THAT(given_up_, IsEmpty());
}

}  // namespace
}  // namespace verdict
