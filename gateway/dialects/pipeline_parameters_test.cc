#include "gateway/dialects/pipeline_parameters.h"

#include <climits>

#include "boost/json/parse.hpp"
#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;
using Function = ClassifyCall::Function;
using Truncation = ClassifyCall::Truncation;

PipelineParameters Good(const char* json) {
  const auto read = ReadPipelineParameters(boost::json::parse(json));
  if (const auto* problem = std::get_if<Problem>(&read)) {
    ADD_FAILURE() << json << ": " << problem->detail;
    return {};
  }
  return std::get<PipelineParameters>(read);
}

std::string Refused(const char* json) {
  const auto read = ReadPipelineParameters(boost::json::parse(json));
  const auto* problem = std::get_if<Problem>(&read);
  return problem == nullptr ? "none" : std::to_string(problem->status) + " " + problem->detail;
}

TEST(PipelineParametersTest, NoneAreTheDefaults) {
  for (const char* json : {"null", "{}", R"({"function_to_apply":null,"truncation":null,"max_length":null,"padding":null,
                                             "return_all_scores":null})"}) {
    const PipelineParameters parameters = Good(json);
    EXPECT_EQ(parameters.top_k, std::nullopt) << json;
    EXPECT_EQ(parameters.function, Function::kModelDefault) << json;
    EXPECT_EQ(parameters.truncation, Truncation::kDefault) << json;
    EXPECT_EQ(parameters.max_length, 0) << json;
  }
}

TEST(PipelineParametersTest, TopKIsANumberOrAllOrNotThere) {
  EXPECT_EQ(Good(R"({"top_k":null})").top_k, 0);
  EXPECT_EQ(Good(R"({"top_k":1})").top_k, 1);
  EXPECT_EQ(Good(R"({"top_k":99999999999})").top_k, INT_MAX);
  EXPECT_EQ(Good(R"({"top_k":18446744073709551615})").top_k, INT_MAX);
  for (const char* json : {"0", "-1", "1.0", "true", "\"2\"", "[1]"}) {
    EXPECT_THAT(Refused((std::string(R"({"top_k":)") + json + "}").c_str()),
                HasSubstr("400 parameters.top_k must be a whole number"))
        << json;
  }
}

TEST(PipelineParametersTest, ReturnAllScoresIsTheOldTopK) {
  EXPECT_EQ(Good(R"({"return_all_scores":true})").top_k, 0);
  EXPECT_EQ(Good(R"({"return_all_scores":false})").top_k, 1);
  EXPECT_EQ(Good(R"({"return_all_scores":true,"top_k":3})").top_k, 3);
  EXPECT_THAT(Refused(R"({"return_all_scores":1})"), HasSubstr("must be a boolean, not a number"));
}

TEST(PipelineParametersTest, FunctionsInAnyCase) {
  EXPECT_EQ(Good(R"({"function_to_apply":"SoftMax"})").function, Function::kSoftmax);
  EXPECT_EQ(Good(R"({"function_to_apply":"sigmoid"})").function, Function::kSigmoid);
  EXPECT_EQ(Good(R"({"function_to_apply":"NONE"})").function, Function::kNone);
  EXPECT_THAT(Refused(R"({"function_to_apply":"default"})"), HasSubstr("not \"default\""));
  EXPECT_THAT(Refused(R"({"function_to_apply":1})"), HasSubstr("not a number"));
}

TEST(PipelineParametersTest, TruncationIsOnUnlessRefused) {
  for (const char* json : {"true", "\"longest_first\"", "\"only_first\""}) {
    EXPECT_EQ(Good((std::string(R"({"truncation":)") + json + "}").c_str()).truncation, Truncation::kDefault) << json;
  }
  EXPECT_EQ(Good(R"({"truncation":false})").truncation, Truncation::kError);
  EXPECT_EQ(Good(R"({"truncation":"do_not_truncate"})").truncation, Truncation::kError);
  EXPECT_THAT(Refused(R"({"truncation":"only_second"})"), HasSubstr("not \"only_second\""));
  EXPECT_THAT(Refused(R"({"truncation":1})"), HasSubstr("parameters.truncation must be"));
}

TEST(PipelineParametersTest, WhatIsUnknownIsNamed) {
  EXPECT_THAT(Refused(R"({"topk":1})"), HasSubstr("400 parameters.topk is not known here; there are top_k, "));
  EXPECT_THAT(Refused("[]"), HasSubstr("parameters must be an object, not an array"));
  EXPECT_THAT(Refused(R"({"padding":"long"})"), HasSubstr("not \"long\""));
  EXPECT_THAT(Refused(R"({"max_length":0})"), HasSubstr("parameters.max_length"));
  EXPECT_EQ(Good(R"({"padding":"max_length","max_length":7})").max_length, 7);
}

TEST(PipelineParametersTest, OnlyFirstIsForSingleTexts) {
  const PipelineParameters parameters = Good(R"({"truncation":"only_first","function_to_apply":"none"})");
  ClassifyCall call;
  call.inputs = {{"a", std::nullopt}};
  EXPECT_EQ(Apply(parameters, call), std::nullopt);
  EXPECT_EQ(call.function_to_apply, Function::kNone);
  call.inputs.push_back({"a", "b"});
  const auto problem = Apply(parameters, call);
  ASSERT_TRUE(problem);
  EXPECT_THAT(problem->detail, HasSubstr("only_first"));
}

TEST(PipelineParametersTest, AMaxLengthThatWouldCutIsRefused) {
  ClassifyReply reply;
  reply.results.resize(2);
  reply.results[0].tokens = 5;
  reply.results[1].tokens = 8;
  EXPECT_EQ(CheckMaxLength(Good(R"({"max_length":8})"), reply), std::nullopt);
  EXPECT_EQ(CheckMaxLength(Good("{}"), reply), std::nullopt);
  EXPECT_EQ(CheckMaxLength(Good(R"({"max_length":2,"truncation":false})"), reply), std::nullopt);
  const auto problem = CheckMaxLength(Good(R"({"max_length":7})"), reply);
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->status, 400);
  EXPECT_THAT(problem->detail, HasSubstr("max_length 7 would cut text 1, which has 8 tokens"));
}

}  // namespace
}  // namespace verdict
