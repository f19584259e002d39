#include "services/classifier/engine/native_backend.h"

#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/classifier/engine/load_backend.h"
#include "tests/support/tiny_bert.h"

namespace verdict {
namespace {

using testing::HasSubstr;

class NativeBackendTest : public testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<Backend>> Load(const std::string& config = TinyBert::Config()) {
    bert_.WriteTo(folder_.path(), config);
    const auto directory = ModelDirectory::Read(folder_.path());
    if (!directory.ok()) return directory.status();
    return LoadBackend(*directory, {.threads = 2});
  }
  std::string ErrorOf(const std::string& config = TinyBert::Config()) {
    const auto backend = Load(config);
    EXPECT_EQ(backend.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(backend.status().message());
  }
  static std::string With(const std::string& from, const std::string& to) {
    std::string config = TinyBert::Config();
    config.replace(config.find(from), from.size(), to);
    return config;
  }

  TempDirectory folder_;
  TinyBert bert_;
};

TEST_F(NativeBackendTest, ComputesWhatTheFormulasSay) {
  const auto backend = Load();
  ASSERT_TRUE(backend.ok()) << backend.status();
  const std::vector<TokenSequence> texts = {{{1}, {0}},
                                            {{1, 5, 19, 0, 7}, {0, 0, 0, 0, 0}},
                                            {{3, 4, 5, 6}, {0, 0, 1, 1}},
                                            {{2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 9}, std::vector<int32_t>(16, 1)}};
  std::vector<const TokenSequence*> batch;
  for (const auto& text : texts) batch.push_back(&text);
  const auto logits = (*backend)->Forward(batch);
  ASSERT_TRUE(logits.ok()) << logits.status();
  ASSERT_EQ(logits->rows, 4);
  ASSERT_EQ(logits->columns, TinyBert::kLabels);
  for (int i = 0; i < logits->rows; ++i) {
    const auto expected = bert_.Logits(texts[static_cast<size_t>(i)]);
    for (int j = 0; j < logits->columns; ++j)
      EXPECT_NEAR(logits->row(i)[j], expected[static_cast<size_t>(j)], 5e-6) << i << " " << j;
  }
}

TEST_F(NativeBackendTest, AnAnswerDoesNotDependOnItsNeighbours) {
  const auto backend = Load();
  const TokenSequence text{{1, 5, 19, 0, 7}, {0, 0, 0, 0, 0}}, neighbour{{9, 9, 9}, {1, 1, 1}};
  const auto alone = (*backend)->Forward({&text});
  const auto together = (*backend)->Forward({&neighbour, &text, &neighbour});
  for (int j = 0; j < TinyBert::kLabels; ++j) EXPECT_NEAR(alone->row(0)[j], together->row(1)[j], 1e-6);
}

TEST_F(NativeBackendTest, TellsWhatItBuilt) {
  const auto backend = Load();
  const BackendInfo& info = (*backend)->info();
  EXPECT_EQ(info.name, "native");
  EXPECT_EQ(info.precision, "fp32");
  EXPECT_EQ(info.num_labels, TinyBert::kLabels);
  EXPECT_EQ(info.max_tokens, TinyBert::kPositions);
  EXPECT_EQ(info.vocabulary_size, TinyBert::kWords);
  EXPECT_GT(info.parameters, 1000);
}

TEST_F(NativeBackendTest, AnIdOutsideTheVocabularyIsAnErrorAndNoCrash) {
  const auto backend = Load();
  const TokenSequence bad{{TinyBert::kWords}, {0}}, good{{1}, {0}};
  const auto logits = (*backend)->Forward({&bad});
  EXPECT_EQ(logits.status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(logits.status().message()), testing::Not(HasSubstr("\n")));
  EXPECT_TRUE((*backend)->Forward({&good}).ok());
}

TEST_F(NativeBackendTest, ReadsHalfPrecisionAndOldNames) {
  // 1.5 is 0x3E00 in F16 and 0x3FC0 in BF16; three biases of it, written little-endian.
  const auto repeated = [](char low, char high) { return std::string{low, high, low, high, low, high}; };
  const TokenSequence text{{1}, {0}};
  bert_.writer().Add("classifier.bias", {3}, {1.5f, 1.5f, 1.5f});
  const auto wanted = (*Load())->Forward({&text});
  bert_.writer().AddBytes("classifier.bias", "F16", {3}, repeated('\0', '\x3E'));
  EXPECT_EQ((*Load())->Forward({&text})->values, wanted->values);
  bert_.writer().AddBytes("classifier.bias", "BF16", {3}, repeated('\xC0', '\x3F'));
  EXPECT_EQ((*Load())->Forward({&text})->values, wanted->values);

  const std::vector<float> ones(TinyBert::kHidden, 1);
  bert_.writer().Add("bert.embeddings.LayerNorm.weight", {TinyBert::kHidden}, ones);
  const auto by_new_name = (*Load())->Forward({&text});
  bert_.writer().Remove("bert.embeddings.LayerNorm.weight");
  bert_.writer().Add("bert.embeddings.LayerNorm.gamma", {TinyBert::kHidden}, ones);
  EXPECT_EQ((*Load())->Forward({&text})->values, by_new_name->values);
}

TEST_F(NativeBackendTest, RefusesWeightsThatAnswerNoNumbers) {
  for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
    bert_.writer().Add("classifier.bias", {3}, {0.0f, bad, 0.0f});
    EXPECT_THAT(ErrorOf(), HasSubstr("model.safetensors: trial pass: the model answers NaN or infinity"));
  }
}

TEST_F(NativeBackendTest, NamesTheTensorThatIsMissingOrMisshapen) {
  const std::string name = "bert.encoder.layer.1.output.dense.weight";
  bert_.writer().Remove(name);
  EXPECT_EQ(ErrorOf(), "model.safetensors: tensor " + name + " is missing");
  bert_.writer().Add(name, {2, 2}, {1, 2, 3, 4});
  EXPECT_EQ(ErrorOf(), "model.safetensors: tensor " + name + " has shape [2, 2], but config.json asks for [8, 12]");
  bert_.writer().AddBytes(name, "I8", {8, 12}, std::string(96, '\1'));
  EXPECT_THAT(ErrorOf(), HasSubstr("has dtype I8, expected F32, F16 or BF16"));
}

TEST_F(NativeBackendTest, NamesTheMemberOfTheConfigThatDoesNotFit) {
  EXPECT_THAT(ErrorOf(With("\"bert\"", "\"gpt2\"")),
              HasSubstr("config.json: model_type: the architecture \"gpt2\" is not supported"));
  EXPECT_THAT(ErrorOf(With("\"num_attention_heads\":2", "\"num_attention_heads\":3")),
              HasSubstr("num_attention_heads: 3 does not divide hidden_size 8"));
  EXPECT_THAT(ErrorOf(With("\"gelu\"", "\"mish\"")), HasSubstr("hidden_act: \"mish\" is not supported"));
  EXPECT_THAT(ErrorOf(With("\"hidden_size\":8", "\"hidden_size\":0")), HasSubstr("hidden_size: expected an integer between 1"));
  EXPECT_THAT(ErrorOf(With("\"hidden_size\":8", "\"hidden_size\":16")), HasSubstr("asks for [rows, 16]"));
  EXPECT_THAT(ErrorOf(With("\"vocab_size\":20", "\"is_decoder\":true")), HasSubstr("is_decoder: decoders are not supported"));
  EXPECT_THAT(ErrorOf(With("\"vocab_size\":20", "\"position_embedding_type\":\"relative_key\"")),
              HasSubstr("position_embedding_type: \"relative_key\""));
  EXPECT_THAT(ErrorOf(With("14862135489037", "\"c\",\"3\":\"d\"")),
              HasSubstr("tensor classifier.weight has shape [3, 8], but config.json asks for [4, 8]"));
}

TEST_F(NativeBackendTest, EveryActivationDiffersFromTheOthers) {
  const TokenSequence text{{1, 2, 3}, {0, 0, 0}};
  std::vector<float> seen;
  for (const char* name : {"gelu", "gelu_new", "relu", "silu"}) {
    const auto backend = Load(With("\"gelu\"", absl::StrCat("\"", name, "\"")));
    ASSERT_TRUE(backend.ok()) << backend.status();
    const float logit = (*backend)->Forward({&text})->values[0];
    EXPECT_THAT(seen, testing::Not(testing::Contains(logit))) << name;
    seen.push_back(logit);
  }
}

}  // namespace
}  // namespace verdict
