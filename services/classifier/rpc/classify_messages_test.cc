#include "services/classifier/rpc/classify_messages.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

using testing::HasSubstr;

v1::ClassifyRequest OneText() {
  v1::ClassifyRequest message;
  message.add_inputs()->set_text("a");
  return message;
}

TEST(FromProto, TakesEveryField) {
  v1::ClassifyRequest message = OneText();
  message.set_model("m");
  message.set_model_version("3");
  message.add_inputs()->set_text_pair("");
  message.mutable_options()->set_top_k(2);
  message.mutable_options()->set_function_to_apply(v1::FUNCTION_TO_APPLY_NONE);
  message.mutable_options()->set_truncation_policy(v1::TRUNCATION_POLICY_HEAD_TAIL);
  const auto request = FromProto(std::move(message), 10);
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->model, "m");
  EXPECT_EQ(request->model_version, "3");
  EXPECT_EQ(request->inputs[0].text, "a");
  EXPECT_FALSE(request->inputs[0].text_pair.has_value());
  EXPECT_EQ(request->inputs[1].text_pair, "");
  EXPECT_EQ(request->options.top_k, 2);
  EXPECT_EQ(request->options.function_to_apply, FunctionToApply::kNone);
  EXPECT_EQ(request->options.truncation_policy, TruncationPolicy::kHeadTail);
}

TEST(FromProto, EveryEnumValueHasItsMeaning) {
  const std::optional<FunctionToApply> functions[] = {std::nullopt, FunctionToApply::kSoftmax, FunctionToApply::kSigmoid,
                                                      FunctionToApply::kNone};
  for (int i = 0; i < v1::FunctionToApply_ARRAYSIZE; ++i) {
    v1::ClassifyRequest message = OneText();
    message.mutable_options()->set_function_to_apply(static_cast<v1::FunctionToApply>(i));
    EXPECT_EQ(FromProto(std::move(message), 1)->options.function_to_apply, functions[i]);
  }
  const std::optional<TruncationPolicy> policies[] = {std::nullopt,
                                                      TruncationPolicy::kHead,
                                                      TruncationPolicy::kTail,
                                                      TruncationPolicy::kHeadTail,
                                                      TruncationPolicy::kError,
                                                      TruncationPolicy::kWindow};
  for (int i = 0; i < v1::TruncationPolicy_ARRAYSIZE; ++i) {
    v1::ClassifyRequest message = OneText();
    message.mutable_options()->set_truncation_policy(static_cast<v1::TruncationPolicy>(i));
    EXPECT_EQ(FromProto(std::move(message), 1)->options.truncation_policy, policies[i]);
  }
}

TEST(FromProto, TakesTheWindowOptions) {
  v1::ClassifyRequest message = OneText();
  v1::WindowOptions& window = *message.mutable_options()->mutable_window();
  EXPECT_FALSE(FromProto(v1::ClassifyRequest(message), 1)->options.window.stride.has_value());
  window.set_size(128);
  window.set_stride(0);
  window.set_return_windows(true);
  const auto options = FromProto(v1::ClassifyRequest(message), 1)->options.window;
  EXPECT_EQ(options.size, 128);
  EXPECT_EQ(options.stride, 0);
  EXPECT_TRUE(options.return_windows);
  const WindowCombination combinations[] = {WindowCombination::kMean, WindowCombination::kMean, WindowCombination::kMax,
                                            WindowCombination::kFirst};
  for (int i = 0; i < v1::WindowCombination_ARRAYSIZE; ++i) {
    window.set_combination(static_cast<v1::WindowCombination>(i));
    EXPECT_EQ(FromProto(v1::ClassifyRequest(message), 1)->options.window.combination, combinations[i]);
  }
  window.set_combination(static_cast<v1::WindowCombination>(7));
  EXPECT_THAT(std::string(FromProto(std::move(message), 1).status().message()), HasSubstr("combination: unknown value 7"));
}

TEST(FromProto, RefusesWhatCannotBeMeant) {
  EXPECT_THAT(std::string(FromProto({}, 1).status().message()), HasSubstr("at least one text"));
  v1::ClassifyRequest function = OneText();
  function.mutable_options()->set_function_to_apply(static_cast<v1::FunctionToApply>(9));
  EXPECT_THAT(std::string(FromProto(std::move(function), 1).status().message()), HasSubstr("function_to_apply: unknown value 9"));
  v1::ClassifyRequest policy = OneText();
  policy.mutable_options()->set_truncation_policy(static_cast<v1::TruncationPolicy>(-1));
  EXPECT_THAT(std::string(FromProto(std::move(policy), 1).status().message()), HasSubstr("truncation_policy: unknown value -1"));
}

TEST(FromProto, AHugeTopKMeansAll) {
  v1::ClassifyRequest message = OneText();
  message.mutable_options()->set_top_k(4'000'000'000u);
  EXPECT_GT(FromProto(std::move(message), 1)->options.top_k, 1'000'000);
}

TEST(ToProto, FillsEveryField) {
  ClassifyResponse response;
  response.model = "m";
  response.model_version = "3";
  response.times = {absl::Milliseconds(4), absl::Milliseconds(1), absl::Microseconds(-1), absl::Milliseconds(2)};
  response.results.push_back(
      {.labels = {{"x", 0.75f, 4}}, .tokens = 512, .tokens_dropped = 9, .windows = 1, .window_results = {}});
  response.results.push_back({});
  response.results[1].windows = 3;
  response.results[1].window_results.push_back({.labels = {{"y", 0.5f, 1}}, .first_token = 7, .tokens = 12});
  v1::ClassifyResponse message;
  ToProto(response, message);
  EXPECT_EQ(message.model(), "m");
  EXPECT_EQ(message.model_version(), "3");
  EXPECT_EQ(message.results(0).labels(0).label(), "x");
  EXPECT_EQ(message.results(0).labels(0).score(), 0.75f);
  EXPECT_EQ(message.results(0).labels(0).label_id(), 4u);
  EXPECT_EQ(message.results(0).tokens(), 512u);
  EXPECT_TRUE(message.results(0).truncated());
  EXPECT_EQ(message.results(0).tokens_dropped(), 9u);
  EXPECT_EQ(message.results(0).windows(), 1u);
  EXPECT_EQ(message.results(0).window_results_size(), 0);
  EXPECT_FALSE(message.results(1).truncated());
  EXPECT_EQ(message.results(1).windows(), 3u);
  EXPECT_EQ(message.results(1).window_results(0).labels(0).label(), "y");
  EXPECT_EQ(message.results(1).window_results(0).first_token(), 7u);
  EXPECT_EQ(message.results(1).window_results(0).tokens(), 12u);
  EXPECT_EQ(message.times().total_us(), 4000u);
  EXPECT_EQ(message.times().tokenize_us(), 1000u);
  EXPECT_EQ(message.times().queue_us(), 0u);  // a clock that steps back is no wrap-around
  EXPECT_EQ(message.times().compute_us(), 2000u);
}

TEST(ToProto, ExplainsACascade) {
  ClassifyResponse response;
  const std::pair<CascadeOutcome, v1::CascadeOutcome> outcomes[] = {
      {CascadeOutcome::kAnswered, v1::CASCADE_OUTCOME_ANSWERED},
      {CascadeOutcome::kPassedOnByLabel, v1::CASCADE_OUTCOME_PASSED_ON_BY_LABEL},
      {CascadeOutcome::kPassedOnByScore, v1::CASCADE_OUTCOME_PASSED_ON_BY_SCORE},
      {CascadeOutcome::kNotLoaded, v1::CASCADE_OUTCOME_NOT_LOADED},
      {CascadeOutcome::kFallback, v1::CASCADE_OUTCOME_FALLBACK}};
  for (const auto& [outcome, wanted] : outcomes) {
    response.results.emplace_back().cascade_steps = {{"general", "3", "0", 0.25f, outcome}, {}};
  }
  v1::ClassifyResponse message;
  ToProto(response, message);
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(message.results(i).cascade_steps_size(), 2);
    const v1::CascadeStep& step = message.results(i).cascade_steps(0);
    EXPECT_EQ(step.model(), "general");
    EXPECT_EQ(step.model_version(), "3");
    EXPECT_EQ(step.label(), "0");
    EXPECT_EQ(step.score(), 0.25f);
    EXPECT_EQ(step.outcome(), outcomes[i].second);
  }
}

TEST(ExplainParseFailure, NamesTheFieldAndTheByte) {
  const struct {
    std::string bytes;
    const char* message;
  } cases[] = {
      {std::string("\x0A\x02m\xC3"), "model: is not valid UTF-8 at byte 1"},
      {std::string("\x12\x01\x80"), "model_version: is not valid UTF-8 at byte 0"},
      {std::string("\x1A\x05\x0A\x03\xED\xA0\x80"), "inputs[0].text: is not valid UTF-8 at byte 0"},
      {std::string("\x1A\x03\x0A\x01o\x1A\x06\x0A\x01o\x12\x01\xFF"), "inputs[1].text_pair: is not valid UTF-8 at byte 0"},
      {std::string("\x1A\x7F"), "no well-formed verdict.v1.ClassifyRequest"},
      {std::string("\x1A\x02\x0A\x7F"), "no well-formed verdict.v1.ClassifyRequest"},
  };
  for (const auto& c : cases) {
    const absl::Status status = ExplainParseFailure(c.bytes);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.message));
  }
}

}  // namespace
}  // namespace verdict
