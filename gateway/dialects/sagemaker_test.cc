#include "gateway/dialects/sagemaker.h"

#include "boost/json/parse.hpp"
#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;
using ::testing::Optional;

HttpRequest Request(std::string_view body) {
  HttpRequest request{
      .method = "POST", .path = "/invocations", .query = {}, .headers = {}, .body = std::string(body), .request_id = "id"};
  return request;
}

ClassifyReply Reply(std::string label, float score) {
  ClassifyReply reply;
  reply.results.resize(1);
  reply.results[0].labels.push_back({std::move(label), score, 3});
  reply.results[0].labels.push_back({"second", 0.001f, 4});
  return reply;
}

TEST(ReadSageMakerInvocationTest, BecomesACallForTheTopLabel) {
  const auto read = ReadSageMakerInvocation(Request(R"({"text":"Where is my card?"})"));
  const auto* call = std::get_if<ClassifyCall>(&read);
  ASSERT_NE(call, nullptr);
  ASSERT_EQ(call->inputs.size(), 1u);
  EXPECT_EQ(call->inputs[0].text, "Where is my card?");
  EXPECT_EQ(call->inputs[0].text_pair, std::nullopt);
  EXPECT_EQ(call->top_k, 1);
  EXPECT_EQ(call->model, "");
  EXPECT_EQ(call->function_to_apply, ClassifyCall::Function::kModelDefault);
}

TEST(ReadSageMakerInvocationTest, ReadsWhateverContentTypeCallersSendForJson) {
  for (const char* type : {"application/json", "application/octet-stream", "application/x-www-form-urlencoded"}) {
    HttpRequest request = Request(R"({"text":"a"})");
    request.headers.Add("Content-Type", type);
    EXPECT_TRUE(std::holds_alternative<ClassifyCall>(ReadSageMakerInvocation(request))) << type;
  }
}

TEST(ReadSageMakerInvocationTest, RefusesWhatItCannotRead) {
  EXPECT_EQ(std::get<Problem>(ReadSageMakerInvocation(Request("{}"))).status, 400);
  HttpRequest csv = Request("a,b");
  csv.headers.Add("Content-Type", "text/csv");
  EXPECT_EQ(std::get<Problem>(ReadSageMakerInvocation(csv)).status, 415);
}

TEST(WriteSageMakerPredictionTest, IsExact) {
  const auto written = WriteSageMakerPrediction(Request(""), Reply("1234567890", 0.9823f));
  const auto* response = std::get_if<HttpResponse>(&written);
  ASSERT_NE(response, nullptr);
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->content_type, "application/json");
  EXPECT_EQ(response->body, R"({"prediction":{"label":"1234567890","probability":0.9822999835014343}})");
}

TEST(WriteSageMakerPredictionTest, EscapesLabels) {
  const auto written = WriteSageMakerPrediction(Request(""), Reply("a \"b\"\n猫", 1.0000001f));
  EXPECT_EQ(std::get<HttpResponse>(written).body, "{\"prediction\":{\"label\":\"a \\\"b\\\"\\n猫\",\"probability\":1.0}}");
}

TEST(WriteSageMakerPredictionTest, AReplyWithoutALabelIsOurFault) {
  EXPECT_EQ(std::get<Problem>(WriteSageMakerPrediction(Request(""), ClassifyReply())).status, 500);
  ClassifyReply no_labels;
  no_labels.results.resize(1);
  EXPECT_EQ(std::get<Problem>(WriteSageMakerPrediction(Request(""), no_labels)).status, 500);
}

TEST(SageMakerTest, CustomAttributesComeBackWithAnswersAndProblems) {
  HttpRequest request = Request("");
  request.headers.Add("x-amzn-sagemaker-custom-attributes", "trace=1;a=b");
  const auto written = std::get<HttpResponse>(WriteSageMakerPrediction(request, Reply("a", 0.5f)));
  EXPECT_THAT(written.headers.Find("X-Amzn-SageMaker-Custom-Attributes"), Optional(std::string_view("trace=1;a=b")));
  const HttpResponse problem = WriteSageMakerProblem(request, Problem{400, "no"});
  EXPECT_THAT(problem.headers.Find("X-Amzn-SageMaker-Custom-Attributes"), Optional(std::string_view("trace=1;a=b")));
  EXPECT_EQ(boost::json::parse(problem.body).at("request_id"), "id");
}

TEST(SageMakerTest, WithoutCustomAttributesNoneComeBack) {
  const auto written = std::get<HttpResponse>(WriteSageMakerPrediction(Request(""), Reply("a", 0.5f)));
  EXPECT_TRUE(written.headers.empty());
}

TEST(SageMakerPingTest, IsEmptyWhenHealthyAndSaysWhyNotOtherwise) {
  const HttpResponse healthy = WriteSageMakerPing(Request(""), absl::OkStatus());
  EXPECT_EQ(healthy.status, 200);
  EXPECT_EQ(healthy.body, "");
  EXPECT_EQ(healthy.content_type, "");
  const HttpResponse sick = WriteSageMakerPing(Request(""), absl::UnavailableError("the model is loading"));
  EXPECT_EQ(sick.status, 503);
  EXPECT_THAT(sick.body, HasSubstr("the model is loading"));
}

TEST(SageMakerDialectTest, OffersItsRoutes) {
  const Dialect dialect = SageMakerDialect();
  ASSERT_EQ(dialect.classify.size(), 1u);
  EXPECT_EQ(dialect.classify[0].path, "/invocations");
  ASSERT_EQ(dialect.health.size(), 1u);
  EXPECT_EQ(dialect.health[0].path, "/ping");
  EXPECT_THAT(dialect.health[0].methods, ::testing::ElementsAre("GET", "POST"));
}

}  // namespace
}  // namespace verdict
