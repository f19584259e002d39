#include "gateway/dialects/sentiment.h"

#include "gateway/dialects/testing/dialect_fixture.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;

class SentimentTest : public ::testing::Test {
 protected:
  const Dialect dialect_ = SentimentDialect({.service_name = "mine", .max_batch_size = 2, .model_uri = "models:/clf/Staging"});
  const ClassifyRoute& predict_ = RouteAt(dialect_, "/predict");
  const ClassifyRoute& batch_ = RouteAt(dialect_, "/predict_batch");
  const QueryRoute& health_ = QueryAt(dialect_, "/health");
  const QueryRoute& info_ = QueryAt(dialect_, "/models/info");

  static ClassifyReply Reply(std::vector<std::pair<std::string, float>> labels) {
    ClassifyReply reply;
    for (auto& [label, score] : labels) reply.results.push_back(MakeResult({{label, score, 1}}));
    reply.model_version = "7";
    return reply;
  }
  static std::string InfoOf(const std::string& uri, const ModelDescription& model) {
    const Dialect dialect = SentimentDialect({.model_uri = uri});
    return QueryAt(dialect, "/models/info").write(MakeRequest(""), {absl::OkStatus(), {model}}).body;
  }
};

TEST_F(SentimentTest, APredictionEchoesItsText) {
  auto reading = Read(predict_, MakeRequest(R"({"text":"  \"so\" b\u00e4d\n","extra":1})"));
  ASSERT_TRUE(reading);
  ASSERT_EQ(reading->call.inputs.size(), 1u);
  EXPECT_EQ(reading->call.inputs[0].text, "  \"so\" bäd\n");
  EXPECT_EQ(reading->call.top_k, 1);
  const HttpResponse response = Write(*reading, Reply({{"negative", 0.5f}}));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body, R"({"text":"  \"so\" bäd\n","sentiment":"negative","confidence":0.5,"model_version":"7"})");
}

TEST_F(SentimentTest, ABatchHasOnePredictionPerText) {
  auto reading = Read(batch_, MakeRequest(R"({"texts":["b","a"]})"));
  ASSERT_TRUE(reading);
  EXPECT_EQ(reading->call.inputs.size(), 2u);
  EXPECT_EQ(Write(*reading, Reply({{"x", 1.0000001f}, {"y", 0.0f}})).body,
            R"({"predictions":[{"text":"b","sentiment":"x","confidence":1.0,"model_version":"7"},)"
            R"({"text":"a","sentiment":"y","confidence":0.0,"model_version":"7"}]})");
}

TEST_F(SentimentTest, ABatchThatIsTooLargeIsRefusedOnlyByAServiceThatServes) {
  const auto reading = Read(batch_, MakeRequest(R"({"texts":["a","b","c"]})"));
  ASSERT_TRUE(reading && reading->if_serving);
  EXPECT_EQ(reading->if_serving->status, 400);
  EXPECT_EQ(reading->if_serving->detail, "Batch size 3 exceeds maximum allowed size of 2");
  EXPECT_EQ(ReadProblem(batch_, MakeRequest(R"({"texts":["a","b"," "]})")).status, 422);
}

TEST_F(SentimentTest, NoBatchIsLargerThanARequestMayBe) {
  const Dialect dialect = SentimentDialect({.max_batch_size = 1'000'000});
  std::string body = "{\"texts\":[\"a\"";
  for (int i = 0; i < 100'000; ++i) body += ",\"a\"";
  const auto reading = Read(RouteAt(dialect, "/predict_batch"), MakeRequest(body + "]}"));
  ASSERT_TRUE(reading && reading->if_serving);
  EXPECT_EQ(reading->if_serving->detail, "Batch size 100001 exceeds maximum allowed size of 100000");
  EXPECT_TRUE(reading->call.inputs.empty());
}

TEST_F(SentimentTest, BodiesAreReadWhateverTheirTypeButNotCompressed) {
  for (const char* type : {"application/json", "text/plain; charset=latin-1", "application/x-www-form-urlencoded", "a"}) {
    EXPECT_TRUE(Read(predict_, MakeRequest(R"({"text":"a"})", type))) << type;
  }
  HttpRequest compressed = MakeRequest(R"({"text":"a"})");
  compressed.headers.Add("Content-Encoding", "gzip");
  EXPECT_EQ(ReadProblem(predict_, compressed).status, 415);
  EXPECT_EQ(ReadProblem(batch_, compressed).status, 415);
}

TEST_F(SentimentTest, ClaimsItsOwnBodies) {
  EXPECT_EQ(Claims(predict_, MakeRequest(R"({"text":1})")), Claim::kStrong);
  EXPECT_EQ(Claims(predict_, MakeRequest(R"({"inputs":"a"})")), Claim::kNo);
  EXPECT_EQ(Claims(batch_, MakeRequest(R"({"texts":1})")), Claim::kStrong);
}

TEST_F(SentimentTest, ProblemsHaveTheSentencesOfTheContract) {
  const auto body = [](const ClassifyRoute& route, int status) {
    const HttpResponse response = route.write_problem(MakeRequest(""), Problem{status, "secret \"x\""});
    return std::to_string(response.status) + response.body;
  };
  EXPECT_EQ(body(predict_, 503), R"(503{"detail":"Model not loaded. Service not ready."})");
  EXPECT_EQ(body(predict_, 404), R"(503{"detail":"Model not loaded. Service not ready."})");
  EXPECT_EQ(body(predict_, 500), R"(500{"detail":"Prediction failed."})");
  EXPECT_EQ(body(batch_, 500), R"(500{"detail":"Batch prediction failed."})");
  EXPECT_EQ(body(batch_, 429), R"(429{"detail":"secret \"x\""})");
  EXPECT_EQ(predict_.write_problem(MakeRequest(""), Problem{422, "x", {}, R"({"detail":[]})"}).body, R"({"detail":[]})");
}

TEST_F(SentimentTest, ProblemsOfTheServerLookLikeStarlettes) {
  Problem problem{405, "x"};
  problem.headers.Add("Allow", "GET");
  const HttpResponse response = WriteSentimentProblem(MakeRequest(""), problem);
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.body, R"({"detail":"Method Not Allowed"})");
  EXPECT_EQ(response.headers.Find("Allow"), "GET");
  EXPECT_EQ(WriteSentimentProblem(MakeRequest(""), Problem{404, "x"}).body, R"({"detail":"Not Found"})");
  EXPECT_EQ(WriteSentimentProblem(MakeRequest(""), Problem{413, "too large"}).body, R"({"detail":"too large"})");
}

TEST_F(SentimentTest, HealthIsAlways200) {
  const HttpResponse healthy = health_.write(MakeRequest(""), {absl::OkStatus(), {}});
  EXPECT_EQ(healthy.status, 200);
  EXPECT_EQ(healthy.body, R"({"status":"healthy","model_loaded":true,"service_name":"mine","version":"1.0.0"})");
  const HttpResponse sick = health_.write(MakeRequest(""), {absl::UnavailableError("loading"), {}});
  EXPECT_EQ(sick.status, 200);
  EXPECT_EQ(sick.body, R"({"status":"unhealthy","model_loaded":false,"service_name":"mine","version":"1.0.0"})");
}

TEST_F(SentimentTest, TheRootSaysWhereThingsAre) {
  EXPECT_EQ(QueryAt(dialect_, "/").write(MakeRequest(""), {}).body,
            R"({"service":"mine","version":"1.0.0","docs":"/docs","health":"/health","model_info":"/models/info"})");
}

TEST_F(SentimentTest, ModelInfoTellsOfTheLoadedModel) {
  ModelDescription model;
  model.name = "default";
  model.version = "3";
  model.loaded_at = absl::FromUnixMicros(1'700'000'000'120'000);
  EXPECT_EQ(info_.write(MakeRequest(""), {absl::OkStatus(), {model}}).body,
            R"({"model_name":"clf","version":"3","run_id":"unknown","model_uri":"models:/clf/Staging","stage":"Staging",)"
            R"("loaded_at":"2023-11-14T22:13:20.120000"})");
  EXPECT_THAT(InfoOf("models:/clf/12", model), HasSubstr(R"("model_name":"clf","version":"3")"));
  for (const char* no_stage : {"models:/clf/12", "models:/clf/Latest", "models:/clf@prod", "models:/clf", "models:/clf/"}) {
    EXPECT_THAT(InfoOf(no_stage, model), HasSubstr(R"("stage":"unknown")")) << no_stage;
    EXPECT_THAT(InfoOf(no_stage, model), HasSubstr(R"("model_name":"clf")")) << no_stage;
  }
  model.loaded_at = absl::UnixEpoch();
  const std::string other = InfoOf("s3://bucket/model", model);
  EXPECT_THAT(other, HasSubstr(R"("model_name":"default")"));
  EXPECT_THAT(other, HasSubstr(R"("loaded_at":null)"));
}

TEST_F(SentimentTest, ModelInfoWithoutAModel) {
  const auto body = [&](absl::Status status) {
    const HttpResponse response = info_.write(MakeRequest(""), {std::move(status), {}});
    return std::to_string(response.status) + response.body;
  };
  EXPECT_EQ(body(absl::UnavailableError("x")), R"(503{"detail":"Model not loaded"})");
  EXPECT_EQ(body(absl::NotFoundError("x")), R"(503{"detail":"Model not loaded"})");
  EXPECT_EQ(body(absl::InternalError("x")), R"(500{"detail":"Failed to retrieve model information."})");
}

}  // namespace
}  // namespace verdict
