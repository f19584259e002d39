// Every architecture against what transformers computes (tests/golden/architectures, made by tools/golden/make_architectures.py).
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
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
  std::unique_ptr<Backend> Load(const std::string& precision, int threads = 1) const {
    const auto directory = ModelDirectory::Read(Folder() / GetParam());
    auto backend = LoadBackend(*directory, {.precision = precision, .threads = threads});
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

// Of logits that are some units apart; random weights carry errors further than trained ones.
TEST_P(ArchitecturesTest, AnswersNearlyTheSameInSmallerNumbers) {
  for (const auto& [precision, tolerance] : std::map<std::string, double>{{"bf16", 0.2}, {"int8", 0.8}}) {
    const auto backend = Load(precision);
    EXPECT_EQ(backend->info().precision, precision);
    double worst = 0;
    for (const Answer& answer : answers_) {
      const auto logits = backend->Forward({&answer.sequence});
      ASSERT_TRUE(logits.ok()) << logits.status();
      for (int i = 0; i < logits->columns; ++i) {
        worst = std::max<double>(worst, std::abs(logits->row(0)[i] - answer.logits[static_cast<size_t>(i)]));
      }
    }
    EXPECT_LT(worst, tolerance) << precision;
    EXPECT_GT(worst, 0) << precision;
  }
}

// To the last bit: alone or in a batch of all lengths, on all processors or on one.
TEST_P(ArchitecturesTest, AnAnswerDependsOnNothingElse) {
  for (const char* const precision : {"fp32", "bf16", "int8"}) {
    const auto backend = Load(precision, 3);
    std::vector<const TokenSequence*> all;
    for (const Answer& answer : answers_) all.push_back(&answer.sequence);
    const auto wide = backend->Forward(all), narrow = backend->Forward(all, {.index = 2, .wide = false});
    ASSERT_TRUE(wide.ok() && narrow.ok());
    EXPECT_EQ(wide->values, narrow->values) << precision;
    for (size_t i = 0; i < all.size(); ++i) {
      for (const Lane lane : {Lane{.index = 0, .wide = true}, Lane{.index = 1, .wide = false}}) {
        const auto alone = backend->Forward({all[i]}, lane);
        ASSERT_TRUE(alone.ok()) << alone.status();
        const float* const row = wide->row(static_cast<int>(i));
        EXPECT_EQ(alone->values, std::vector<float>(row, row + wide->columns))
            << precision << ", " << all[i]->ids.size() << " tokens";
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, ArchitecturesTest, ::testing::ValuesIn(Cases()), [](const auto& test) { return test.param; });

}  // namespace
}  // namespace verdict
