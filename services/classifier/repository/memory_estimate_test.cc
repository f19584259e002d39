#include "services/classifier/repository/memory_estimate.h"

#include <fstream>

#include "gtest/gtest.h"
#include "tests/support/safetensors_writer.h"
#include "tests/support/temp_directory.h"

namespace verdict {
namespace {

class MemoryEstimateTest : public testing::Test {
 protected:
  MemoryEstimateTest() { folder_.Write("config.json", R"({"model_type": "bert"})"); }

  MemoryEstimate Estimate(const EstimateOptions& options = {}) {
    writer_.Write(folder_.path() / "model.safetensors");
    const auto directory = ModelDirectory::Read(folder_.path());
    EXPECT_TRUE(directory.ok()) << directory.status();
    const auto estimate = EstimateMemory(*directory, options);
    EXPECT_TRUE(estimate.ok()) << estimate.status();
    return estimate.value_or(MemoryEstimate{});
  }

  TempDirectory folder_;
  SafetensorsWriter writer_;
};

TEST_F(MemoryEstimateTest, ProductsAreLaidOutInPanelsAndTablesStayInTheFile) {
  writer_.Add("bert.embeddings.word_embeddings.weight", {100, 64}, std::vector<float>(6400));
  writer_.Add("bert.encoder.layer.0.intermediate.dense.weight", {40, 64}, std::vector<float>(2560));
  writer_.Add("bert.encoder.layer.0.intermediate.dense.bias", {40}, std::vector<float>(40));
  writer_.Add("classifier.weight", {3, 64}, std::vector<float>(192));
  EXPECT_EQ(Estimate().weights, 64 * 64 * 4 + 32 * 64 * 4);
  EXPECT_EQ(Estimate({.precision = "bf16"}).weights, 64 * 64 * 2 + 64 * 8 + 32 * 64 * 4);  // the head is fp32
}

TEST_F(MemoryEstimateTest, FullBatchesCountForEveryLane) {
  writer_.Add("bert.encoder.layer.0.intermediate.dense.weight", {128, 64}, std::vector<float>(8192));
  const auto one = Estimate({.threads = 1, .max_batch_tokens = 1024});
  EXPECT_EQ(one.working, int64_t{2} * 1024 * 64 * 6 * 4);
  EXPECT_EQ(Estimate({.threads = 3, .max_batch_tokens = 1024}).working, 2 * one.working);
  EXPECT_EQ(Estimate({.threads = 1, .max_batch_tokens = 2048}).working, 2 * one.working);
  EXPECT_EQ(one.kept(), one.weights + one.tokenizer + one.working + one.fixed);
}

TEST_F(MemoryEstimateTest, TheTokenizerIsCountedByItsLargestFile) {
  writer_.Add("classifier.weight", {3, 64}, std::vector<float>(192));
  const auto without = Estimate();
  EXPECT_EQ(without.tokenizer, 0);
  folder_.Write("vocab.txt", std::string(1000, 'x'));
  folder_.Write("tokenizer.json", std::string(5000, 'x'));
  const auto with = Estimate();
  EXPECT_GE(with.tokenizer, 5000);
  EXPECT_GE(with.loading, 5000);
  EXPECT_EQ(with.most() - with.kept(), with.loading);
}

// Shapes without elements are checked against no size of a file.
TEST_F(MemoryEstimateTest, ATensorWithoutElementsTakesNothing) {
  writer_.Add("bert.encoder.layer.0.intermediate.dense.weight", {128, 64}, std::vector<float>(8192));
  const auto plain = Estimate({.precision = "bf16"});
  writer_.AddBytes("extra.weight", "F32", {int64_t{3} << 59, 0}, "");
  writer_.AddBytes("flat.weight", "F32", {0, int64_t{3} << 59}, "");
  const auto odd = Estimate({.precision = "bf16"});
  EXPECT_EQ(odd.weights, plain.weights);
  EXPECT_EQ(odd.most(), plain.most());
}

// LibTorch is there once, however many of its models are loaded.
TEST_F(MemoryEstimateTest, OfABundleTheRuntimeIsApart) {
  folder_.Write("model.pt", std::string(1'000'000, 'x'));
  folder_.Write("model_info.json", "{}");
  const auto directory = ModelDirectory::Read(folder_.path());
  ASSERT_TRUE(directory.ok()) << directory.status();
  const auto estimate = EstimateMemory(*directory, {});
  ASSERT_TRUE(estimate.ok()) << estimate.status();
  EXPECT_EQ(estimate->weights, 1'250'000);
  EXPECT_GT(estimate->runtime, 100'000'000);
  EXPECT_LT(estimate->most(), 10'000'000);
  writer_.Add("classifier.weight", {3, 64}, std::vector<float>(192));
  std::filesystem::remove(folder_.path() / "model.pt");
  EXPECT_EQ(Estimate().runtime, 0);
}

TEST_F(MemoryEstimateTest, NamesADamagedFile) {
  writer_.Add("classifier.weight", {3, 64}, std::vector<float>(192));
  writer_.Write(folder_.path() / "model.safetensors");
  std::filesystem::resize_file(folder_.path() / "model.safetensors", 300);
  const auto directory = ModelDirectory::Read(folder_.path());
  const absl::Status status = EstimateMemory(*directory, {}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(std::string(status.message()).find("model.safetensors"), std::string::npos);
}

}  // namespace
}  // namespace verdict
