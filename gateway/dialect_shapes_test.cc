// Which contract answers a body at a path that several have.

#include <optional>

#include "gateway/dialects/registry.h"
#include "gateway/routes.h"
#include "gateway/testing/fake_classifier_client.h"
#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;

class DialectShapesTest : public ::testing::Test {
 protected:
  DialectShapesTest() {
    client_.ReplyWith("yes", 0.5f);
    options_.enabled = {"sagemaker", "huggingface", "text_embeddings_inference", "torchserve", "kserve"};
    options_.kserve.vertex_predict_route = "/invocations";
  }

  HttpResponse Ask(std::string_view method, std::string_view path, std::string_view body, std::string_view type = "") {
    auto dialects = MakeDialects(options_);
    const Router router = MakeRouter(*std::move(dialects), {client_});
    const auto found = router.Find(method, path);
    const auto* match = std::get_if<Router::Match>(&found);
    if (match == nullptr) return ToResponse(std::get<Problem>(found), "");
    HttpRequest request{.method = std::string(method),
                        .path = std::string(path),
                        .query = {},
                        .headers = {},
                        .body = std::string(body),
                        .request_id = "id",
                        .path_parameters = match->parameters};
    if (!type.empty()) request.headers.Add("Content-Type", type);
    std::optional<HttpResponse> answer;
    match->route->handler(request, [&](HttpResponse response) { answer = std::move(response); });
    return answer.value_or(HttpResponse{.status = 0});
  }
  std::string Post(std::string_view path, std::string_view body) { return Ask("POST", path, body).body; }

  FakeClassifierClient client_;
  DialectOptions options_;
};

constexpr char kSageMaker[] = R"({"prediction":{"label":"yes","probability":0.5}})";
constexpr char kFlat[] = R"([{"label":"yes","score":0.5}])";
constexpr char kNested[] = R"([[{"label":"yes","score":0.5}]])";
constexpr char kTei[] = R"([{"score":0.5,"label":"yes"}])";
constexpr char kVertex[] = R"({"predictions":[{"label":"yes","score":0.5}]})";

TEST_F(DialectShapesTest, InvocationsAreToldApartByTheirMembers) {
  for (const char* path : {"/invocations", "/models/m/invoke"}) {
    EXPECT_EQ(Post(path, R"({"text":"a"})"), kSageMaker);
    EXPECT_EQ(Post(path, R"({"inputs":"a"})"), kFlat);
    EXPECT_EQ(Post(path, R"({"inputs":"a","raw_scores":false})"), kTei);
    EXPECT_EQ(Post(path, R"({"instances":["a"]})"), kVertex);
  }
  EXPECT_EQ(client_.last_call().model, "m");
}

TEST_F(DialectShapesTest, MembersOfTwoContractsAreRefused) {
  const char* const bodies[] = {R"({"text":"a","inputs":"a"})", R"({"inputs":"a","truncate":true,"parameters":{}})",
                                R"({"text":"a","inputs":"a","truncate":true})"};
  for (const char* body : bodies) {
    const HttpResponse response = Ask("POST", "/invocations", body);
    EXPECT_EQ(response.status, 400) << body;
    EXPECT_THAT(response.body, HasSubstr("ambiguous")) << body;
  }
  EXPECT_EQ(client_.calls(), 0u);
}

TEST_F(DialectShapesTest, TheRootIsTheHostedApisUnlessTeisMembersAreThere) {
  EXPECT_EQ(Post("/", R"({"inputs":"a"})"), kNested);
  EXPECT_EQ(Post("/", R"({"inputs":"a","truncate":true})"), kTei);
  options_.enabled = {"text_embeddings_inference"};
  EXPECT_EQ(Post("/", R"({"inputs":"a"})"), kTei);
  EXPECT_EQ(Post("/invocations", R"({"inputs":"a"})"), kTei);
}

TEST_F(DialectShapesTest, PredictIsTeis) { EXPECT_EQ(Post("/predict", R"({"inputs":"a"})"), kTei); }

TEST_F(DialectShapesTest, PathsNameTheModel) {
  const std::pair<const char*, const char*> rows[] = {
      {"/models/m", R"({"inputs":"a"})"},
      {"/models/m/pipeline/text-classification", R"({"inputs":"a"})"},
      {"/pipeline/text-classification/m", R"({"inputs":"a"})"},
      {"/predictions/m", "a"},
      {"/predictions/m/7", "a"},
      {"/v1/models/m:predict", R"({"instances":["a"]})"},
  };
  for (const auto& [path, body] : rows) {
    EXPECT_EQ(Ask("POST", path, body, body[0] == 'a' ? "text/plain" : "").status, 200) << path;
    EXPECT_EQ(client_.last_call().model, "m") << path;
  }
  Ask("POST", "/predictions/m/7", "a", "text/plain");
  EXPECT_EQ(client_.last_call().model_version, "7");
  EXPECT_EQ(Post("/pipeline/text-classification", R"({"inputs":"a"})"), kNested);
  EXPECT_EQ(client_.last_call().model, "");
}

TEST_F(DialectShapesTest, PredictionsOfTorchServeMayBePut) {
  EXPECT_EQ(Ask("PUT", "/predictions/m", "a", "text/plain").body, R"({"yes":0.5})");
  EXPECT_EQ(Ask("PUT", "/invocations", R"({"text":"a"})").status, 405);
}

TEST_F(DialectShapesTest, TheFirstListedAnswersAQuery) {
  EXPECT_EQ(Ask("GET", "/ping", "").body, "");
  options_.enabled = {"torchserve", "sagemaker"};
  EXPECT_EQ(Ask("GET", "/ping", "").body, R"({"status":"Healthy"})");
}

TEST_F(DialectShapesTest, FailuresHaveTheFormOfTheContract) {
  client_.FailWith(absl::NotFoundError("there is no model \"m\""));
  EXPECT_EQ(Post("/models/m", R"({"inputs":"a"})"), R"({"error":"there is no model \"m\""})");
  EXPECT_THAT(Ask("POST", "/predictions/m", "a", "text/plain").body, HasSubstr("ModelNotFoundException"));
  EXPECT_EQ(Post("/v1/models/m:predict", R"({"instances":["a"]})"), R"({"error":"there is no model \"m\""})");
  client_.FailWith(absl::ResourceExhaustedError("full"));
  EXPECT_EQ(Ask("POST", "/predict", R"({"inputs":"a"})").status, 429);
  EXPECT_EQ(Ask("POST", "/predictions/m", "a", "text/plain").status, 503);
  client_.FailWith(absl::InvalidArgumentError("input 0: has 600 tokens"));
  const HttpResponse too_long = Ask("POST", "/predict", R"({"inputs":"a","truncate":false})");
  EXPECT_EQ(too_long.status, 422);
  EXPECT_EQ(too_long.body, R"({"error":"input 0: has 600 tokens","error_type":"Validation"})");
}

}  // namespace
}  // namespace verdict
