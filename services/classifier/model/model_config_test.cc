#include "services/classifier/model/model_config.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

absl::StatusOr<ModelConfig> Parse(std::string_view text) {
  auto file = JsonFile::Parse("config.json", text);
  if (!file.ok()) return file.status();
  return ModelConfig::FromJson(*std::move(file));
}

ModelConfig Parsed(std::string_view text) {
  auto config = Parse(text);
  EXPECT_TRUE(config.ok()) << config.status();
  return *std::move(config);
}

TEST(ModelConfig, LabelsMayBeStringsOrIntegersBeyondThirtyTwoBits) {
  const auto config =
      Parsed(R"({"model_type": "bert", "id2label": {"0": 14862135489037, "1": "spam", "2": 18446744073709551615, "3": -1}})");
  EXPECT_THAT(config.labels, ElementsAre("14862135489037", "spam", "18446744073709551615", "-1"));
  EXPECT_EQ(config.model_type, "bert");
}

TEST(ModelConfig, LabelIdsDecideTheOrderAndGapsGetDefaultNames) {
  EXPECT_THAT(Parsed(R"({"model_type": "bert", "id2label": {"2": "c", "0": "a"}})").labels, ElementsAre("a", "LABEL_1", "c"));
  EXPECT_EQ(Parsed(R"({"model_type": "bert", "id2label": {"10": "k", "9": "j", "8": "i", "7":"h"}})").labels.back(), "k");
}

TEST(ModelConfig, MissingLabelsAreCountedByNumLabelsOrTwo) {
  EXPECT_THAT(Parsed(R"({"model_type": "bert"})").labels, ElementsAre("LABEL_0", "LABEL_1"));
  EXPECT_THAT(Parsed(R"({"model_type": "bert", "num_labels": 3})").labels, ElementsAre("LABEL_0", "LABEL_1", "LABEL_2"));
}

TEST(ModelConfig, NumLabelsOverrulesNamesOfAnotherNumber) {
  EXPECT_THAT(Parsed(R"({"model_type": "bert", "num_labels": 3, "id2label": {"0": "a", "1": "b"}})").labels,
              ElementsAre("LABEL_0", "LABEL_1", "LABEL_2"));
  EXPECT_THAT(Parsed(R"({"model_type": "bert", "num_labels": 2, "id2label": {"0": "a", "1": "b"}})").labels,
              ElementsAre("a", "b"));
}

TEST(ModelConfig, FunctionFollowsTheRuleOfThePipeline) {
  const struct {
    const char* members;
    FunctionToApply function;
  } cases[] = {
      {R"("num_labels": 2)", FunctionToApply::kSoftmax},
      {R"("num_labels": 1)", FunctionToApply::kSigmoid},
      {R"("num_labels": 1, "problem_type": "single_label_classification")", FunctionToApply::kSigmoid},
      {R"("num_labels": 5, "problem_type": "single_label_classification")", FunctionToApply::kSoftmax},
      {R"("num_labels": 5, "problem_type": "multi_label_classification")", FunctionToApply::kSigmoid},
      {R"("num_labels": 1, "problem_type": "regression")", FunctionToApply::kNone},
      {R"("num_labels": 2, "problem_type": null)", FunctionToApply::kSoftmax},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Parsed(std::string(R"({"model_type": "bert", )") + c.members + "}").function_to_apply, c.function) << c.members;
  }
}

TEST(ModelConfig, ErrorsNameFileAndMember) {
  const struct {
    const char* text;
    const char* message;
  } cases[] = {
      {"{}", "config.json: model_type: is missing"},
      {R"({"model_type": 3})", "config.json: model_type: expected a string, found 3"},
      {R"({"model_type": "bert", "id2label": ["a"]})", "config.json: id2label: expected an object"},
      {R"({"model_type": "bert", "id2label": {}})", "config.json: id2label: has 0 labels"},
      {R"({"model_type": "bert", "id2label": {"x": "a"}})", "config.json: id2label: \"x\" is no label id"},
      {R"({"model_type": "bert", "id2label": {"-1": "a"}})", "config.json: id2label: \"-1\" is no label id"},
      {R"({"model_type": "bert", "id2label": {"99999999999": "a"}})", "is no label id"},
      {R"({"model_type": "bert", "id2label": {"0": "a", "00": "b"}})", "config.json: id2label: label id 0 occurs twice"},
      {R"({"model_type": "bert", "id2label": {"0": [1]}})", "config.json: id2label: label 0: expected a string or an integer"},
      {R"({"model_type": "bert", "num_labels": 0})", "config.json: num_labels: expected an integer"},
      {R"({"model_type": "bert", "problem_type": "ranking"})", "config.json: problem_type: \"ranking\" is none of"},
  };
  for (const auto& c : cases) {
    const auto config = Parse(c.text);
    EXPECT_EQ(config.status().code(), absl::StatusCode::kInvalidArgument) << c.text;
    EXPECT_THAT(std::string(config.status().message()), HasSubstr(c.message));
  }
}

TEST(FunctionName, NamesEveryFunction) {
  EXPECT_EQ(FunctionName(FunctionToApply::kSoftmax), "softmax");
  EXPECT_EQ(FunctionName(FunctionToApply::kSigmoid), "sigmoid");
  EXPECT_EQ(FunctionName(FunctionToApply::kNone), "none");
}

}  // namespace
}  // namespace verdict
