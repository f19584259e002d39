#include "gateway/client/classify_messages.h"

#include "gmock/gmock.h"

namespace verdict {
namespace {

using Function = ClassifyCall::Function;
using Truncation = ClassifyCall::Truncation;

TEST(ToMessageTest, CarriesEveryField) {
  ClassifyCall call;
  call.model = "m";
  call.model_version = "7";
  call.inputs = {{"a", std::nullopt}, {"b", ""}, {"", "pair"}};
  call.top_k = 3;
  call.function_to_apply = Function::kSigmoid;
  call.truncation_policy = Truncation::kTail;
  const v1::ClassifyRequest message = ToMessage(call);
  EXPECT_EQ(message.model(), "m");
  EXPECT_EQ(message.model_version(), "7");
  ASSERT_EQ(message.inputs_size(), 3);
  EXPECT_EQ(message.inputs(0).text(), "a");
  EXPECT_FALSE(message.inputs(0).has_text_pair());
  EXPECT_TRUE(message.inputs(1).has_text_pair());  // present but empty is not absent
  EXPECT_EQ(message.inputs(2).text_pair(), "pair");
  EXPECT_EQ(message.options().top_k(), 3u);
  EXPECT_EQ(message.options().function_to_apply(), v1::FUNCTION_TO_APPLY_SIGMOID);
  EXPECT_EQ(message.options().truncation_policy(), v1::TRUNCATION_POLICY_TAIL);
}

TEST(ToMessageTest, TranslatesEveryFunction) {
  const std::pair<Function, v1::FunctionToApply> rows[] = {{Function::kModelDefault, v1::FUNCTION_TO_APPLY_UNSPECIFIED},
                                                           {Function::kSoftmax, v1::FUNCTION_TO_APPLY_SOFTMAX},
                                                           {Function::kSigmoid, v1::FUNCTION_TO_APPLY_SIGMOID},
                                                           {Function::kNone, v1::FUNCTION_TO_APPLY_NONE}};
  for (const auto& [function, message] : rows) {
    ClassifyCall call;
    call.function_to_apply = function;
    EXPECT_EQ(ToMessage(call).options().function_to_apply(), message);
  }
}

TEST(ToMessageTest, TranslatesEveryPolicy) {
  const std::pair<Truncation, v1::TruncationPolicy> rows[] = {{Truncation::kDefault, v1::TRUNCATION_POLICY_UNSPECIFIED},
                                                              {Truncation::kHead, v1::TRUNCATION_POLICY_HEAD},
                                                              {Truncation::kTail, v1::TRUNCATION_POLICY_TAIL},
                                                              {Truncation::kHeadTail, v1::TRUNCATION_POLICY_HEAD_TAIL},
                                                              {Truncation::kError, v1::TRUNCATION_POLICY_ERROR}};
  for (const auto& [policy, message] : rows) {
    ClassifyCall call;
    call.truncation_policy = policy;
    EXPECT_EQ(ToMessage(call).options().truncation_policy(), message);
  }
}

TEST(FromMessageTest, CarriesEveryField) {
  v1::ClassifyResponse message;
  message.set_model("m");
  message.set_model_version("7");
  message.mutable_times()->set_total_us(4);
  message.mutable_times()->set_tokenize_us(1);
  message.mutable_times()->set_queue_us(2);
  message.mutable_times()->set_compute_us(3);
  v1::Classification& result = *message.add_results();
  result.set_tokens(512);
  result.set_truncated(true);
  result.set_tokens_dropped(9);
  v1::LabelScore& label = *result.add_labels();
  label.set_label("x");
  label.set_score(0.25f);
  label.set_label_id(5);
  message.add_results();
  const ClassifyReply reply = FromMessage(message);
  EXPECT_EQ(reply.model, "m");
  EXPECT_EQ(reply.model_version, "7");
  EXPECT_EQ(reply.total, absl::Microseconds(4));
  EXPECT_EQ(reply.tokenize, absl::Microseconds(1));
  EXPECT_EQ(reply.queue, absl::Microseconds(2));
  EXPECT_EQ(reply.compute, absl::Microseconds(3));
  ASSERT_EQ(reply.results.size(), 2u);
  EXPECT_EQ(reply.results[0].tokens, 512);
  EXPECT_TRUE(reply.results[0].truncated);
  EXPECT_EQ(reply.results[0].tokens_dropped, 9);
  ASSERT_EQ(reply.results[0].labels.size(), 1u);
  EXPECT_EQ(reply.results[0].labels[0].label, "x");
  EXPECT_EQ(reply.results[0].labels[0].score, 0.25f);
  EXPECT_EQ(reply.results[0].labels[0].label_id, 5);
  EXPECT_TRUE(reply.results[1].labels.empty());
}

}  // namespace
}  // namespace verdict
