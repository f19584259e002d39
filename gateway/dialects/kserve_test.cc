#include "gateway/dialects/kserve.h"

#include "gateway/dialects/testing/malformed.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;

class KServeTest : public ::testing::Test {
 protected:
  const Dialect dialect_ = KServeDialect({});
  const ClassifyRoute& predict_ = RouteAt(dialect_, "/v1/models/{model}:predict");

  static std::string Answer(const Dialect& dialect, std::string_view body) {
    auto reading = Read(RouteAt(dialect, "/v1/models/{model}:predict"), MakeRequest(body));
    return reading ? Write(*reading, ReplyTo(reading->call)).body : "";
  }
  static HttpRequest RequestFor(const char* model) {
    HttpRequest request = MakeRequest("");
    request.path_parameters = {{"model", model}};
    return request;
  }
};

TEST_F(KServeTest, InstancesAreAnsweredByPredictions) {
  EXPECT_EQ(Answer(dialect_, R"({"instances":["a","b"]})"),
            R"({"predictions":[{"label":"A","score":0.75},{"label":"A","score":0.75}]})");
  EXPECT_EQ(Answer(dialect_, R"({"inputs":["a"],"parameters":{"top_k":2}})"),
            R"({"predictions":[[{"label":"A","score":0.75},{"label":"B","score":0.25}]]})");
  EXPECT_EQ(Answer(dialect_, R"({"instances":[],"signature_name":"x"})"), R"({"predictions":[]})");
}

TEST_F(KServeTest, PredictionsMayBeWhatTheHuggingFaceServerAnswers) {
  const Dialect ids = KServeDialect({.predictions = KServePredictions::kIds});
  EXPECT_EQ(Answer(ids, R"({"instances":["a","b"]})"), R"({"predictions":[1,1]})");
  EXPECT_EQ(Answer(ids, R"({"instances":["a"],"parameters":{"top_k":null}})"), R"({"predictions":[[1,0]]})");
  const Dialect probabilities = KServeDialect({.predictions = KServePredictions::kProbabilities});
  EXPECT_EQ(Answer(probabilities, R"({"instances":["a"]})"), R"({"predictions":[{"0":0.25,"1":0.75}]})");
  EXPECT_EQ(Answer(probabilities, R"({"instances":["a"],"parameters":{"top_k":1}})"), R"({"predictions":[{"1":0.75}]})");
}

TEST_F(KServeTest, InstancesAreTextsAndPairs) {
  const auto reading = Read(predict_, MakeRequest(R"({"instances":["a",{"text":"b","text_pair":"c"},{"inputs":"d"},{"data":"e"},
                                                      ["f"],["g","h"]],"parameters":{"function_to_apply":"none"}})"));
  ASSERT_TRUE(reading);
  std::string all;
  for (const auto& input : reading->call.inputs) all += input.text + "/" + input.text_pair.value_or("-") + " ";
  EXPECT_EQ(all, "a/- b/c d/- e/- f/- g/h ");
  EXPECT_EQ(reading->call.function_to_apply, ClassifyCall::Function::kNone);
  EXPECT_EQ(reading->call.top_k, 1);
}

TEST_F(KServeTest, ModelsAreListedAndReady) {
  const QueryRoute& list = QueryAt(dialect_, "/v1/models");
  ModelDescription a, b;
  a.name = "a";
  b.name = "b\"";
  EXPECT_EQ(list.write(MakeRequest(""), {absl::OkStatus(), {a, b}}).body, R"({"models":["a","b\""]})");
  EXPECT_EQ(list.write(MakeRequest(""), {absl::OkStatus(), {}}).body, R"({"models":[]})");
  EXPECT_EQ(list.write(MakeRequest(""), {absl::UnavailableError("x"), {}}).status, 503);
  const QueryRoute& ready = QueryAt(dialect_, "/v1/models/{model}");
  const auto question = ready.ask(RequestFor("demo"));
  EXPECT_EQ(std::get<ModelsQuery>(std::get<QueryRoute::Question>(question)).name, "demo");
  EXPECT_EQ(ready.write(RequestFor("demo"), {absl::OkStatus(), {a}}).body, R"({"name":"demo","ready":true})");
  EXPECT_EQ(ready.write(RequestFor("demo"), {absl::NotFoundError("no model \"demo\""), {}}).status, 404);
  const HttpResponse away = ready.write(RequestFor("demo"), {absl::UnavailableError("x"), {}});
  EXPECT_EQ(away.status, 503);
  EXPECT_THAT(away.body, HasSubstr(R"({"error":"Model with name demo is not ready)"));
}

TEST_F(KServeTest, VertexHasRoutesOfItsOwn) {
  EXPECT_EQ(dialect_.classify.size(), 1u);
  const Dialect vertex = KServeDialect({.vertex_predict_route = "/predict", .vertex_health_route = "/isalive"});
  const ClassifyRoute& route = RouteAt(vertex, "/predict");
  EXPECT_EQ(Claims(route, MakeRequest(R"({"instances":["a"]})")), Claim::kWeak);
  EXPECT_EQ(Claims(route, MakeRequest(R"({"text":"a"})")), Claim::kNo);
  auto reading = Read(route, MakeRequest(R"({"instances":["a"]})"));
  EXPECT_THAT(Write(*reading, ReplyTo(reading->call)).body, HasSubstr("predictions"));
  const QueryRoute& health = QueryAt(vertex, "/isalive");
  EXPECT_EQ(health.write(MakeRequest(""), {absl::OkStatus(), {}}).status, 200);
  EXPECT_EQ(health.write(MakeRequest(""), {absl::UnavailableError("x"), {}}).status, 503);
}

TEST_F(KServeTest, AMaxLengthThatCutsIsRefused) {
  auto reading = Read(predict_, MakeRequest(R"({"instances":["a"],"parameters":{"max_length":5}})"));
  EXPECT_TRUE(std::holds_alternative<Problem>(reading->write(ReplyTo(reading->call))));
}

TEST_F(KServeTest, ProblemsHaveOneMember) {
  EXPECT_EQ(predict_.write_problem(RequestFor("demo"), {404, "no"}).body, R"({"error":"no"})");
  EXPECT_EQ(predict_.write_problem(RequestFor("demo"), {503, "it loads"}).body,
            R"({"error":"Model with name demo is not ready: it loads"})");
  EXPECT_EQ(predict_.write_problem(MakeRequest(""), {503, "it loads"}).body, R"({"error":"it loads"})");
}

std::vector<Malformed> Cases() {
  return MalformedJson(R"({"instances":["a"]})") +
         std::vector<Malformed>{
             {"array", "[]", 400, "no JSON object"},
             {"no_instances", "{}", 400, "\"instances\" is missing"},
             {"both", R"({"instances":["a"],"inputs":["a"]})", 400, "not both"},
             {"string", R"({"instances":"a"})", 400, "instances must be an array, not a string"},
             {"inputs_string", R"({"inputs":"a"})", 400, "inputs must be an array, not a string"},
             {"number", R"({"instances":["a",1]})", 400, "instances[1] must be a string, an object with text"},
             {"null", R"({"instances":[null]})", 400, "not null"},
             {"object", R"({"instances":[{}]})", 400, "instances[0].text is missing"},
             {"unknown_member", R"({"instances":[{"text":"a","label":"b"}]})", 400, "instances[0].label is not known here"},
             {"long_list", R"({"instances":[["a","b","c"]]})", 400, "not 3"},
             {"number_in_list", R"({"instances":[["a",1]]})", 400, "instances[0][1] must be a string, not a number"},
             {"parameter", R"({"instances":["a"],"parameters":{"k":1}})", 400, "parameters.k is not known here"},
             {"only_first", R"({"instances":[["a","b"]],"parameters":{"truncation":"only_first"}})", 400, "only_first"},
             {"too_many", "{\"instances\":" + ListOf(100'001, "\"\"") + "}", 400, "at most 100000"},
         };
}

class KServeMalformedTest : public ::testing::TestWithParam<Malformed> {};

TEST_P(KServeMalformedTest, IsRefusedOnEveryRoute) {
  const Dialect dialect = KServeDialect({.vertex_predict_route = "/predict"});
  for (const ClassifyRoute& route : dialect.classify) {
    const Problem problem = ReadProblem(route, ToRequest(GetParam()));
    EXPECT_EQ(problem.status, GetParam().status) << route.path;
    EXPECT_THAT(problem.detail, HasSubstr(GetParam().says)) << route.path;
  }
}

INSTANTIATE_TEST_SUITE_P(All, KServeMalformedTest, ::testing::ValuesIn(Cases()), NameOf);

}  // namespace
}  // namespace verdict
