// Every architecture against what transformers computes (tests/golden/architectures, made by tools/golden/make_architectures.py).
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "boost/json/parse.hpp"
#include "boost/json/value_to.hpp"
#include "gmock/gmock.h"
#include "services/classifier/engine/load_backend.h"

namespace verdict {
namespace {

constexpr double kTolerance = 1e-5;

std::filesystem::path Folder() { return std::filesystem::path(VERDICT_SOURCE_DIR) / "tests/golden/architectures"; }

std::vector<std::string> Cases() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(Folder())) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

struct Answer {
  TokenSequence sequence;
  std::vector<float> logits;
};

std::vector<Answer> ReadAnswers(const std::filesystem::path& file) {
  std::vector<Answer> answers;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const boost::json::value value = boost::json::parse(line);
    answers.push_back({{boost::json::value_to<std::vector<int32_t>>(value.at("ids")),
                        boost::json::value_to<std::vector<int32_t>>(value.at("type_ids"))},
                       boost::json::value_to<std::vector<float>>(value.at("logits"))});
  }
  return answers;
}

class ArchitecturesTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const auto directory = ModelDirectory::Read(Folder() / GetParam());
    ASSERT_TRUE(directory.ok()) << directory.status();
    backend_ = Load("fp32");
    answers_ = ReadAnswers(Folder() / GetParam() / "answers.jsonl");
    ASSERT_FALSE(answers_.empty());
  }
  std::unique_ptr<Backend> Load(const std::string& precision) const {
    const auto directory = ModelDirectory::Read(Folder() / GetParam());
    auto backend = LoadBackend(*directory, {.precision = precision, .threads = 1});
    EXPECT_TRUE(backend.ok()) << backend.status();
    return *std::move(backend);
  }
  void ExpectAnswer(const Logits& logits, int row, const Answer& wanted) {
    ASSERT_EQ(static_cast<size_t>(logits.columns), wanted.logits.size());
    for (int i = 0; i < logits.columns; ++i) {
      EXPECT_NEAR(logits.row(row)[i], wanted.logits[static_cast<size_t>(i)], kTolerance)
          << wanted.sequence.ids.size() << " tokens";
    }
  }

  std::unique_ptr<Backend> backend_;
  std::vector<Answer> answers_;
};

TEST_P(ArchitecturesTest, AnswersAsTransformersAlone) {
  for (const Answer& answer : answers_) {
    const auto logits = backend_->Forward({&answer.sequence});
    ASSERT_TRUE(logits.ok()) << logits.status();
    ExpectAnswer(*logits, 0, answer);
  }
}

TEST_P(ArchitecturesTest, AnswersAsTransformersInABatchOfAllLengths) {
  std::vector<const TokenSequence*> batch;
  for (auto answer = answers_.rbegin(); answer != answers_.rend(); ++answer) batch.push_back(&answer->sequence);
  const auto logits = backend_->Forward(batch);
  ASSERT_TRUE(logits.ok()) << logits.status();
  for (size_t i = 0; i < answers_.size(); ++i) ExpectAnswer(*logits, static_cast<int>(i), answers_[answers_.size() - 1 - i]);
}

TEST_P(ArchitecturesTest, TakesSequencesUpToItsLimit) {
  const auto limit = static_cast<size_t>(backend_->info().max_tokens);
  EXPECT_EQ(limit, 160u);
  const TokenSequence longest{std::vector<int32_t>(limit, 7), std::vector<int32_t>(limit, 0)};
  const auto logits = backend_->Forward({&longest});
  ASSERT_TRUE(logits.ok()) << logits.status();
  EXPECT_TRUE(std::all_of(logits->values.begin(), logits->values.end(), [](float value) { return std::isfinite(value); }));
  const TokenSequence longer{std::vector<int32_t>(limit + 300, 7), std::vector<int32_t>(limit + 300, 0)};
  EXPECT_EQ(backend_->Forward({&longer}).ok(), backend_->info().soft_limit);
}

// In bf16 eight bits count, and a sequence's answer depends on its neighbours no more than its last bits.
TEST_P(ArchitecturesTest, AnswersNearlyTheSameInHalfPrecision) {
  const auto backend = Load("bf16");
  EXPECT_EQ(backend->info().precision, "bf16");
  std::vector<const TokenSequence*> all;
  for (const Answer& answer : answers_) all.push_back(&answer.sequence);
  const auto batch = backend->Forward(all);
  ASSERT_TRUE(batch.ok()) << batch.status();
  double worst = 0, worst_batch = 0;
  for (size_t i = 0; i < answers_.size(); ++i) {
    const auto alone = backend->Forward({all[i]});
    ASSERT_TRUE(alone.ok()) << alone.status();
    for (int label = 0; label < alone->columns; ++label) {
      worst = std::max<double>(worst, std::abs(alone->row(0)[label] - answers_[i].logits[static_cast<size_t>(label)]));
      worst_batch = std::max<double>(worst_batch, std::abs(alone->row(0)[label] - batch->row(static_cast<int>(i))[label]));
    }
  }
  EXPECT_LT(worst, 0.2);  // of logits that are some units apart; random weights carry errors further than trained ones
  EXPECT_LT(worst_batch, 1e-5);
}

INSTANTIATE_TEST_SUITE_P(All, ArchitecturesTest, ::testing::ValuesIn(Cases()), [](const auto& test) { return test.param; });

}  // namespace
}  // namespace verdict
