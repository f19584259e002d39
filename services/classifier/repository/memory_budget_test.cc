#include "services/classifier/repository/memory_budget.h"

#include <utility>
#include <vector>

#include "gmock/gmock.h"

namespace verdict {
namespace {

using testing::HasSubstr;

class MemoryBudgetTest : public testing::Test {
 protected:
  MemoryState state_{.limit = 1'000'000'000, .used = 100'000'000};
  MemoryBudget budget_{[this] { return state_; }};
};

TEST_F(MemoryBudgetTest, SaysWhatIsWantedAndLeft) {
  const absl::Status status = budget_.Reserve("tickets", 900'000'000).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(
      std::string(status.message()),
      HasSubstr("model \"tickets\" does not fit into memory: it takes about 900.0 MB, and 850.0 MB of 1000.0 MB are left"));
  EXPECT_TRUE(budget_.Reserve("tickets", 850'000'000).ok());
}

TEST_F(MemoryBudgetTest, CountsWhatIsPromisedAndNotUsedYet) {
  std::vector<MemoryBudget::Promise> promises;
  for (int i = 0; i < 8; ++i) promises.push_back(*budget_.Reserve("m", 100'000'000));
  EXPECT_EQ(budget_.Reserve("ninth", 100'000'000).status().code(), absl::StatusCode::kResourceExhausted);
  promises.pop_back();
  EXPECT_TRUE(budget_.Reserve("ninth", 100'000'000).ok());
}

TEST_F(MemoryBudgetTest, CountsWhatIsUsedAndWasNotPromised) {
  const auto promise = *budget_.Reserve("m", 100'000'000);
  state_.used = 800'000'000;
  EXPECT_FALSE(budget_.Reserve("n", 160'000'000).ok());
  EXPECT_TRUE(budget_.Reserve("n", 150'000'000).ok());
  state_.used = 990'000'000;
  EXPECT_THAT(std::string(budget_.Reserve("n", 1).status().message()), HasSubstr("and 0.0 MB of 1000.0 MB are left"));
}

TEST_F(MemoryBudgetTest, APromiseShrinksButDoesNotGrow) {
  auto promise = *budget_.Reserve("m", 800'000'000);
  EXPECT_FALSE(budget_.Reserve("n", 100'000'000).ok());
  promise.ShrinkTo(700'000'000);
  EXPECT_TRUE(budget_.Reserve("n", 100'000'000).ok());
  promise.ShrinkTo(900'000'000);
  EXPECT_EQ(promise.bytes(), 700'000'000);
  MemoryBudget::Promise moved = std::move(promise);
  EXPECT_EQ(moved.bytes(), 700'000'000);
  EXPECT_FALSE(budget_.Reserve("n", 800'000'000).ok());
}

TEST_F(MemoryBudgetTest, WhatIsLoadedInAnyCaseCountsAsWell) {
  {
    const auto noted = budget_.Note(2'000'000'000);
    EXPECT_FALSE(budget_.Reserve("n", 1).ok());
  }
  EXPECT_TRUE(budget_.Reserve("n", 850'000'000).ok());
}

}  // namespace
}  // namespace verdict
