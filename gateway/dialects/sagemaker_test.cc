#include "gateway/dialects/sagemaker.h"

#include "gateway/dialects/testing/dialect_fixture.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;

class SageMakerTest : public ::testing::Test {
 protected:
  const Dialect dialect_ = SageMakerDialect();
  const ClassifyRoute& invocations_ = RouteAt(dialect_, "/invocations");
  const QueryRoute& ping_ = QueryAt(dialect_, "/ping");

  static ClassifyReply Reply(std::string label, float score) {
    ClassifyReply reply;
    reply.results.push_back(MakeResult({{std::move(label), score, 3}, {"second", 0.001f, 4}}));
    return reply;
  }
  HttpResponse Answer(const ClassifyReply& reply) {
    auto reading = Read(invocations_, MakeRequest(R"({"text":"a"})"));
    return Write(*reading, reply);
  }
};

TEST_F(SageMakerTest, AnInvocationBecomesACallForTheTopLabel) {
  const auto reading = Read(invocations_, MakeRequest(R"({"text":"Where is my card?"})"));
  ASSERT_TRUE(reading);
  const ClassifyCall& call = reading->call;
  ASSERT_EQ(call.inputs.size(), 1u);
  EXPECT_EQ(call.inputs[0].text, "Where is my card?");
  EXPECT_EQ(call.inputs[0].text_pair, std::nullopt);
  EXPECT_EQ(call.top_k, 1);
  EXPECT_EQ(call.model, "");
  EXPECT_EQ(call.function_to_apply, ClassifyCall::Function::kModelDefault);
}

TEST_F(SageMakerTest, ReadsWhateverContentTypeCallersSendForJson) {
  for (const char* type : {"application/json", "application/octet-stream", "application/x-www-form-urlencoded"}) {
    EXPECT_TRUE(Read(invocations_, MakeRequest(R"({"text":"a"})", type))) << type;
  }
}

TEST_F(SageMakerTest, RefusesWhatItCannotRead) {
  EXPECT_EQ(ReadProblem(invocations_, MakeRequest("{}")).status, 400);
  EXPECT_EQ(ReadProblem(invocations_, MakeRequest("a,b", "text/csv")).status, 415);
}

TEST_F(SageMakerTest, ClaimsBodiesWithAText) {
  EXPECT_EQ(Claims(invocations_, MakeRequest(R"({"text":1})")), Claim::kStrong);
  for (const char* other : {"{}", R"({"inputs":"a"})", R"(["text"])", "{", ""}) {
    EXPECT_EQ(Claims(invocations_, MakeRequest(other)), Claim::kNo) << other;
  }
}

TEST_F(SageMakerTest, TheAnswerIsExact) {
  const HttpResponse response = Answer(Reply("1234567890", 0.9823f));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body, R"({"prediction":{"label":"1234567890","probability":0.9822999835014343}})");
}

TEST_F(SageMakerTest, EscapesLabelsAndClampsProbabilities) {
  EXPECT_EQ(Answer(Reply("a \"b\"\n猫", 1.0000001f)).body,
            "{\"prediction\":{\"label\":\"a \\\"b\\\"\\n猫\",\"probability\":1.0}}");
}

TEST_F(SageMakerTest, ACascadeIsExplained) {
  ClassifyReply reply = Reply("7", 0.5f);
  reply.results[0].cascade_steps.push_back({"general", "1", "0", 0.75f, "passed_on_by_label"});
  reply.results[0].cascade_steps.push_back({"low_volume", "2", "7", 0.5f, "answered"});
  EXPECT_THAT(Answer(reply).body, HasSubstr(R"({"prediction":{"label":"7","probability":0.5},"cascade":[{"model":"general",)"));
}

TEST_F(SageMakerTest, TheAnswerIsInTheFormThatAcceptAsksForWhereThereIsOne) {
  const std::tuple<const char*, const char*, const char*> rows[] = {
      {"text/csv", "text/csv", "a,0.5\n"},
      {"application/jsonlines", "application/jsonlines", "{\"prediction\":{\"label\":\"a\",\"probability\":0.5}}\n"},
      {"text/html", "application/json", R"({"prediction":{"label":"a","probability":0.5}})"},
  };
  for (const auto& [accept, type, body] : rows) {
    HttpRequest request = MakeRequest(R"({"text":"a"})");
    request.headers.Add("Accept", accept);
    auto reading = Read(invocations_, request);
    const HttpResponse response = Write(*reading, Reply("a", 0.5f));
    EXPECT_EQ(response.content_type, type);
    EXPECT_EQ(response.body, body);
  }
}

TEST_F(SageMakerTest, TellsBatchTransformWhatToAskFor) {
  const Dialect dialect = SageMakerDialect({.records = {}, .execution = {3, 6, ""}});
  const QueryRoute& route = QueryAt(dialect, "/execution-parameters");
  EXPECT_THAT(route.methods, ::testing::ElementsAre("GET"));
  const HttpResponse response = route.write(MakeRequest(""), {absl::OkStatus(), {}});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"MaxConcurrentTransforms":3,"MaxPayloadInMB":6})");
}

TEST_F(SageMakerTest, ProblemsNameTheRequest) {
  const HttpResponse problem = invocations_.write_problem(MakeRequest(""), Problem{400, "no"});
  EXPECT_EQ(problem.status, 400);
  EXPECT_THAT(problem.body, HasSubstr(R"("request_id":"id")"));
}

TEST_F(SageMakerTest, PingIsEmptyWhenHealthyAndSaysWhyNotOtherwise) {
  EXPECT_THAT(ping_.methods, ::testing::ElementsAre("GET", "POST"));
  const HttpResponse healthy = ping_.write(MakeRequest(""), {absl::OkStatus(), {}});
  EXPECT_EQ(healthy.status, 200);
  EXPECT_EQ(healthy.body, "");
  EXPECT_EQ(healthy.content_type, "");
  const HttpResponse sick = ping_.write(MakeRequest(""), {absl::UnavailableError("the model is loading"), {}});
  EXPECT_EQ(sick.status, 503);
  EXPECT_THAT(sick.body, HasSubstr("the model is loading"));
}

}  // namespace
}  // namespace verdict
