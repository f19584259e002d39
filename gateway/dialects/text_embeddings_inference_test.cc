#include "gateway/dialects/text_embeddings_inference.h"

#include "boost/json/parse.hpp"
#include "gateway/dialects/testing/malformed.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;

class TextEmbeddingsInferenceTest : public ::testing::Test {
 protected:
  const Dialect dialect_ = TextEmbeddingsInferenceDialect({.max_client_batch_size = 3, .version = "1.2.3"});
  const ClassifyRoute& predict_ = RouteAt(dialect_, "/predict");

  static ClassifyReply ReplyTo(const ClassifyCall& call) {
    ClassifyReply reply;
    for (size_t i = 0; i < call.inputs.size(); ++i) {
      reply.results.push_back(MakeResult({{"yes", 2.5f, 1}, {"no", -0.5f, 0}}));
      reply.results.back().tokens = 6;
    }
    reply.total = absl::Microseconds(40'900);
    reply.tokenize = absl::Microseconds(9'000);
    reply.queue = absl::Microseconds(2'100);
    reply.compute = absl::Microseconds(29'000);
    return reply;
  }
  static HttpResponse Answer(const ClassifyRoute& route, std::string_view body) {
    auto reading = Read(route, MakeRequest(body));
    return reading ? Write(*reading, ReplyTo(reading->call)) : HttpResponse();
  }
  std::string Header(const HttpResponse& response, std::string_view name) {
    return std::string(response.headers.Find(name).value_or("missing"));
  }
};

constexpr char kLabels[] = R"([{"score":2.5,"label":"yes"},{"score":-0.5,"label":"no"}])";

TEST_F(TextEmbeddingsInferenceTest, OneSequenceIsAnsweredByItsLabels) {
  EXPECT_EQ(Answer(predict_, R"({"inputs":"a"})").body, kLabels);
  EXPECT_EQ(Answer(predict_, R"({"inputs":["a","b"]})").body, kLabels);
  EXPECT_EQ(Answer(predict_, R"({"inputs":["a"]})").body, kLabels);
}

TEST_F(TextEmbeddingsInferenceTest, ABatchIsAnsweredByAListOfThese) {
  const std::string labels = kLabels;
  EXPECT_EQ(Answer(predict_, R"({"inputs":[["a"]]})").body, "[" + labels + "]");
  EXPECT_EQ(Answer(predict_, R"({"inputs":[["a"],["b","c"]]})").body, "[" + labels + "," + labels + "]");
}

TEST_F(TextEmbeddingsInferenceTest, SequencesAreTextsAndPairs) {
  const auto batch = Read(predict_, MakeRequest(R"({"inputs":[["a"],["b","c"]]})"));
  ASSERT_TRUE(batch);
  ASSERT_EQ(batch->call.inputs.size(), 2u);
  EXPECT_EQ(batch->call.inputs[0].text, "a");
  EXPECT_EQ(batch->call.inputs[0].text_pair, std::nullopt);
  EXPECT_EQ(batch->call.inputs[1].text_pair, "c");
  EXPECT_EQ(batch->call.top_k, 0);
  const auto pair = Read(predict_, MakeRequest(R"({"inputs":["a","b"]})"));
  ASSERT_EQ(pair->call.inputs.size(), 1u);
  EXPECT_EQ(pair->call.inputs[0].text_pair, "b");
}

TEST_F(TextEmbeddingsInferenceTest, MembersDecideAboutTruncationAndFunction) {
  using Truncation = ClassifyCall::Truncation;
  const auto truncation = [&](const std::string& members) {
    return Read(predict_, MakeRequest(R"({"inputs":"a")" + members + "}"))->call.truncation_policy;
  };
  EXPECT_EQ(truncation(""), Truncation::kHead);
  EXPECT_EQ(truncation(R"(,"truncate":null,"truncation_direction":null)"), Truncation::kHead);
  EXPECT_EQ(truncation(R"(,"truncate":true,"truncation_direction":"Right")"), Truncation::kHead);
  EXPECT_EQ(truncation(R"(,"truncation_direction":"left")"), Truncation::kTail);
  EXPECT_EQ(truncation(R"(,"truncate":false,"truncation_direction":"Left")"), Truncation::kError);
  const auto function = [&](const char* body) { return Read(predict_, MakeRequest(body))->call.function_to_apply; };
  EXPECT_EQ(function(R"({"inputs":"a","raw_scores":true})"), ClassifyCall::Function::kNone);
  EXPECT_EQ(function(R"({"inputs":"a","raw_scores":false})"), ClassifyCall::Function::kModelDefault);
}

TEST_F(TextEmbeddingsInferenceTest, HeadersTellWhereTheTimeWent) {
  const HttpResponse one = Answer(predict_, R"({"inputs":["aé","猫"]})");
  EXPECT_EQ(Header(one, "x-compute-type"), "cpu");
  EXPECT_EQ(Header(one, "x-compute-time"), "40");
  EXPECT_EQ(Header(one, "x-total-time"), "40");
  EXPECT_EQ(Header(one, "x-compute-characters"), "3");
  EXPECT_EQ(Header(one, "x-compute-tokens"), "6");
  EXPECT_EQ(Header(one, "x-tokenization-time"), "9");
  EXPECT_EQ(Header(one, "x-queue-time"), "2");
  EXPECT_EQ(Header(one, "x-inference-time"), "29");
  const HttpResponse batch = Answer(predict_, R"({"inputs":[["a"],["b"],["c"]]})");
  EXPECT_EQ(Header(batch, "x-compute-tokens"), "18");
  EXPECT_EQ(Header(batch, "x-tokenization-time"), "3");
  EXPECT_EQ(Header(batch, "x-inference-time"), "29");
}

TEST_F(TextEmbeddingsInferenceTest, ClaimsByItsOwnMembers) {
  const ClassifyRoute& root = RouteAt(dialect_, "/");
  const ClassifyRoute& invocations = RouteAt(dialect_, "/invocations");
  for (const char* body :
       {R"({"inputs":"a","truncate":null})", R"({"inputs":"a","raw_scores":1})", R"({"inputs":1,"truncation_direction":"x"})"}) {
    for (const ClassifyRoute& route : dialect_.classify) EXPECT_EQ(Claims(route, MakeRequest(body)), Claim::kStrong) << body;
  }
  const HttpRequest bare = MakeRequest(R"({"inputs":"a"})");
  EXPECT_EQ(Claims(predict_, bare), Claim::kStrong);
  EXPECT_EQ(Claims(root, bare), Claim::kWeak);
  EXPECT_EQ(Claims(invocations, bare), Claim::kNo);
  for (const char* body : {R"({"text":"a","truncate":true})", "[]", "{"}) {
    for (const ClassifyRoute& route : dialect_.classify) EXPECT_EQ(Claims(route, MakeRequest(body)), Claim::kNo) << body;
  }
}

TEST_F(TextEmbeddingsInferenceTest, InfoTellsWhatIsServed) {
  const QueryRoute& info = QueryAt(dialect_, "/info");
  const auto question = info.ask(MakeRequest(""));
  const auto* query = std::get_if<ModelsQuery>(&std::get<QueryRoute::Question>(question));
  ASSERT_NE(query, nullptr);
  EXPECT_EQ(query->kind, ModelsQuery::Kind::kGet);
  EXPECT_EQ(query->name, "");
  ModelDescription model;
  model.name = "demo";
  model.labels = {"no", "y\"es"};
  model.max_tokens = 512;
  model.precision = "bf16";
  const HttpResponse response = info.write(MakeRequest(""), {absl::OkStatus(), {model}});
  EXPECT_EQ(
      response.body,
      R"({"model_id":"demo","model_sha":null,"model_dtype":"bfloat16","served_model_name":"demo","model_type":{"classifier":)"
      R"({"id2label":{"0":"no","1":"y\"es"},"label2id":{"no":0,"y\"es":1}}},"max_concurrent_requests":null,)"
      R"("max_input_length":512,"max_batch_tokens":null,"max_batch_requests":null,"max_client_batch_size":3,)"
      R"("auto_truncate":true,"tokenization_workers":null,"version":"1.2.3","sha":null,"docker_label":null})");
  model.labels.pop_back();
  EXPECT_THAT(info.write(MakeRequest(""), {absl::OkStatus(), {model}}).body, HasSubstr(R"("model_type":{"reranker":{)"));
  const HttpResponse away = info.write(MakeRequest(""), {absl::UnavailableError("gone"), {}});
  EXPECT_EQ(away.status, 503);
  EXPECT_THAT(away.body, HasSubstr("Unhealthy"));
  EXPECT_EQ(info.write(MakeRequest(""), {absl::OkStatus(), {}}).status, 424);
}

TEST_F(TextEmbeddingsInferenceTest, HealthIsEmptyOrUnhealthy) {
  for (const char* path : {"/health", "/ping", "/"}) {
    const QueryRoute& health = QueryAt(dialect_, path);
    EXPECT_EQ(health.write(MakeRequest(""), {absl::OkStatus(), {}}).status, 200);
    EXPECT_EQ(health.write(MakeRequest(""), {absl::OkStatus(), {}}).body, "");
    const HttpResponse sick = health.write(MakeRequest(""), {absl::UnavailableError("it loads"), {}});
    EXPECT_EQ(sick.status, 503);
    EXPECT_EQ(sick.body, R"({"error":"it loads","error_type":"Unhealthy"})");
  }
}

TEST_F(TextEmbeddingsInferenceTest, ProblemsHaveTypes) {
  const std::tuple<int, int, const char*> cases[] = {{400, 422, "Validation"}, {404, 404, "Validation"}, {413, 413, "Validation"},
                                                     {415, 415, "Validation"}, {429, 429, "Overloaded"}, {500, 424, "Backend"},
                                                     {503, 503, "Unhealthy"},  {504, 504, "Backend"}};
  for (const auto& [status, written, type] : cases) {
    const HttpResponse response = predict_.write_problem(MakeRequest(""), Problem{status, "no"});
    EXPECT_EQ(response.status, written);
    EXPECT_EQ(response.body, std::string(R"({"error":"no","error_type":")") + type + "\"}") << status;
  }
}

std::vector<Malformed> Cases() {
  return MalformedJson(R"({"inputs":"a"})") +
         std::vector<Malformed>{
             {"array", "[]", 422, "no JSON object"},
             {"no_inputs", "{}", 422, "\"inputs\" is missing"},
             {"null", R"({"inputs":null})", 422, "inputs must be a string, a pair of strings"},
             {"object", R"({"inputs":{"text":"a"}})", 422, "not an object"},
             {"empty_text", R"({"inputs":""})", 400, "`inputs` cannot be empty"},
             {"empty_pair", R"({"inputs":["",""]})", 400, "`inputs` cannot be empty"},
             {"empty_list", R"({"inputs":[]})", 400, "`inputs` cannot be empty"},
             {"empty_in_batch", R"({"inputs":[["a"],[""]]})", 400, "`inputs` cannot be empty"},
             {"three_texts", R"({"inputs":["a","b","c"]})", 422, "not 3"},
             {"number_in_pair", R"({"inputs":["a",1]})", 422, "inputs[1] must be a string, not a number"},
             {"text_in_batch", R"({"inputs":[["a"],"b"]})", 422, "inputs[1] must be a list of one text or two, not a string"},
             {"number_in_batch", R"({"inputs":[["a"],[1]]})", 422, "inputs[1][0] must be a string, not a number"},
             {"no_text_in_batch", R"({"inputs":[[]]})", 422, "inputs[0] must hold one text"},
             {"too_many", R"({"inputs":[["a"],["b"],["c"],["d"]]})", 422, "batch size 4 > maximum allowed batch size 3"},
             {"truncate", R"({"inputs":"a","truncate":"yes"})", 422, "truncate must be a boolean, not a string"},
             {"raw_scores", R"({"inputs":"a","raw_scores":1})", 422, "raw_scores must be a boolean, not a number"},
             {"direction", R"({"inputs":"a","truncation_direction":"up"})", 422, "truncation_direction must be \"left\""},
             {"unknown", R"({"inputs":"a","parameters":{}})", 422, "parameters is not known here"},
         };
}

class TeiMalformedTest : public ::testing::TestWithParam<Malformed> {};

TEST_P(TeiMalformedTest, IsRefusedOnEveryRoute) {
  const Dialect dialect = TextEmbeddingsInferenceDialect({.max_client_batch_size = 3});
  for (const ClassifyRoute& route : dialect.classify) {
    const HttpRequest request = ToRequest(GetParam());
    const HttpResponse response = route.write_problem(request, ReadProblem(route, request));
    EXPECT_EQ(response.status, GetParam().status) << route.path;
    const auto body = boost::json::parse(response.body);
    EXPECT_THAT(body.at("error").as_string().c_str(), HasSubstr(GetParam().says)) << route.path;
    EXPECT_EQ(body.at("error_type"), GetParam().says.starts_with("`inputs`") ? "Empty" : "Validation");
  }
}

INSTANTIATE_TEST_SUITE_P(All, TeiMalformedTest, ::testing::ValuesIn(Cases()), NameOf);

}  // namespace
}  // namespace verdict
