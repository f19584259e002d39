#include "gateway/dialects/open_inference.h"

#include "gateway/dialects/testing/dialect_fixture.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;

constexpr char kTensor[] = R"({"id":"7","inputs":[{"name":"text","shape":[1],"datatype":"BYTES","data":["a"]}]})";

class OpenInferenceTest : public ::testing::Test {
 protected:
  const Dialect dialect_ = OpenInferenceDialect();
  const ClassifyRoute& infer_ = RouteAt(dialect_, "/v2/models/{model}/infer");
  const ClassifyRoute& invocations_ = RouteAt(dialect_, "/invocations");

  HttpResponse Ask(std::string_view path, const QueryRoute::Answer& answer) {
    return QueryAt(dialect_, path).write(MakeRequest(""), answer);
  }
  static HttpRequest WithJsonSize(std::string_view body, std::string_view size) {
    HttpRequest request = MakeRequest(body);
    request.headers.Add("Inference-Header-Content-Length", size);
    return request;
  }
  static ModelDescription Model() {
    ModelDescription model;
    model.name = "clf";
    model.version = "3";
    model.backend = "native";
    model.labels = {"a", "b", "c"};
    return model;
  }
};

TEST_F(OpenInferenceTest, AnInferenceEchoesItsId) {
  auto reading = Read(infer_, MakeRequest(kTensor));
  ASSERT_TRUE(reading);
  ASSERT_EQ(reading->call.inputs.size(), 1u);
  EXPECT_EQ(reading->call.inputs[0].text, "a");
  EXPECT_EQ(reading->call.top_k, 1);
  ClassifyReply reply;
  reply.results.push_back(MakeResult({{"x", 0.5f, 2}}));
  EXPECT_THAT(Write(*reading, reply).body, HasSubstr(R"("id":"7","outputs":[{"name":"label")"));
}

TEST_F(OpenInferenceTest, ReadsTextsBehindTheJson) {
  const std::string json = R"({"inputs":[{"name":"t","shape":[1],"datatype":"BYTES","parameters":{"binary_data_size":6}}]})";
  const auto reading = Read(infer_, WithJsonSize(json + std::string("\2\0\0\0", 4) + "hi", std::to_string(json.size())));
  ASSERT_TRUE(reading);
  EXPECT_EQ(reading->call.inputs.at(0).text, "hi");
}

struct Row {
  const char* name;
  HttpRequest request;
  int status;
  const char* says;
};

HttpRequest With(HttpRequest request, std::string_view header, std::string_view value) {
  request.headers.Add(header, value);
  return request;
}

class BadInferTest : public OpenInferenceTest, public ::testing::WithParamInterface<Row> {};

TEST_P(BadInferTest, IsRefused) {
  for (const ClassifyRoute* route : {&infer_, &invocations_}) {
    const Problem problem = ReadProblem(*route, GetParam().request);
    EXPECT_EQ(problem.status, GetParam().status);
    EXPECT_THAT(problem.detail, HasSubstr(GetParam().says));
  }
}

const char kSize[] = "Inference-Header-Content-Length";

INSTANTIATE_TEST_SUITE_P(
    Cases, BadInferTest,
    ::testing::Values(Row{"Empty", MakeRequest(""), 400, "empty"}, Row{"BrokenJson", MakeRequest("{"), 400, "not valid JSON"},
                      Row{"NoObject", MakeRequest("[1]"), 400, "no JSON object"},
                      Row{"NoInputs", MakeRequest("{}"), 400, "inputs"},
                      Row{"IdNoString", MakeRequest(R"({"id":1,"inputs":[]})"), 400, "id: a string"},
                      Row{"BadOutputs", MakeRequest(R"({"outputs":1,"inputs":[]})"), 400, "outputs"},
                      Row{"MediaType", MakeRequest(kTensor, "text/csv"), 415, "text/csv"},
                      Row{"Charset", MakeRequest(kTensor, "application/json; charset=latin-1"), 415, "latin-1"},
                      Row{"Encoding", With(MakeRequest(kTensor), "Content-Encoding", "gzip"), 415, "gzip"},
                      Row{"NotUtf8", MakeRequest("{\"\xff\":1}"), 400, "UTF-8"},
                      Row{"LoneSurrogate", MakeRequest(R"({"id":"\ud800"})"), 400, "surrogate"},
                      Row{"TooDeep", MakeRequest(std::string(100, '[')), 400, "deeper"},
                      Row{"SizeNoNumber", With(MakeRequest(kTensor), kSize, "many"), 400, "not \"many\""},
                      Row{"SizeNegative", With(MakeRequest(kTensor), kSize, "-1"), 400, "not \"-1\""},
                      Row{"SizeEmpty", With(MakeRequest(kTensor), kSize, ""), 400, kSize},
                      Row{"SizeHuge", With(MakeRequest(kTensor), kSize, "99999999999999999999"), 400, kSize},
                      Row{"SizeBeyondTheBody", With(MakeRequest(kTensor), kSize, "1000"), 400, "at most 81"},
                      Row{"SizeTooSmall", With(MakeRequest(kTensor), kSize, "10"), 400, "not valid JSON"},
                      Row{"SizeZero", With(MakeRequest(kTensor), kSize, "0"), 400, "empty"}),
    [](const auto& row) { return row.param.name; });

TEST_F(OpenInferenceTest, ClaimsTensors) {
  EXPECT_EQ(Claims(invocations_, MakeRequest(kTensor)), Claim::kStrong);
  EXPECT_EQ(Claims(invocations_, WithJsonSize("{}xyz", "2")), Claim::kStrong);
  for (const char* other :
       {R"({"inputs":["\"datatype\""]})", R"({"inputs":[{"text":"datatype"}]})", R"({"inputs":{"datatype":1}})",
        R"({"inputs":[]})", R"([{"datatype":1}])", R"({"datatype":1,"inputs":[["a"]]})", R"({"datatype")", ""}) {
    EXPECT_EQ(Claims(invocations_, MakeRequest(other)), Claim::kNo) << other;
  }
}

TEST_F(OpenInferenceTest, ProblemsAreErrors) {
  Problem problem{429, "busy \"now\""};
  problem.headers.Add("Retry-After", "1");
  const HttpResponse response = infer_.write_problem(MakeRequest(""), problem);
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(response.body, R"({"error":"busy \"now\""})");
  EXPECT_EQ(response.headers.Find("Retry-After"), "1");
}

TEST_F(OpenInferenceTest, TheServerDescribesItself) {
  EXPECT_THAT(Ask("/v2", {}).body, HasSubstr(R"({"name":"verdict","version":")"));
  EXPECT_THAT(Ask("/v2", {}).body, HasSubstr(R"("extensions":["classification","binary_tensor_data"]})"));
  EXPECT_EQ(Ask("/v2/health/live", {}).body, R"({"live":true})");
  EXPECT_EQ(Ask("/v2/health/ready", {absl::OkStatus(), {}}).body, R"({"ready":true})");
  const HttpResponse loading = Ask("/v2/health/ready", {absl::UnavailableError("x"), {}});
  EXPECT_EQ(loading.status, 503);
  EXPECT_EQ(loading.body, R"({"ready":false})");
}

TEST_F(OpenInferenceTest, ModelsAreDescribed) {
  const QueryRoute::Answer one{absl::OkStatus(), {Model()}};
  for (const std::string path : {"/v2/models/{model}", "/v2/models/{model}/versions/{version}"}) {
    EXPECT_EQ(
        Ask(path, one).body,
        R"({"name":"clf","versions":["3"],"platform":"verdict_native",)"
        R"("inputs":[{"name":"text","datatype":"BYTES","shape":[-1]},{"name":"text_pair","datatype":"BYTES","shape":[-1]}],)"
        R"("outputs":[{"name":"label","datatype":"BYTES","shape":[-1]},{"name":"probability","datatype":"FP32","shape":[-1]},)"
        R"({"name":"label_id","datatype":"INT64","shape":[-1]},{"name":"probabilities","datatype":"FP32","shape":[-1,3]}]})");
    EXPECT_EQ(Ask(path + "/ready", one).body, R"({"name":"clf","ready":true})");
  }
  const QueryRoute::Answer unknown{absl::NotFoundError("there is no model \"x\""), {}};
  for (const char* path : {"/v2/models/{model}", "/v2/models/{model}/ready"}) {
    EXPECT_EQ(Ask(path, unknown).status, 404);
    EXPECT_EQ(Ask(path, unknown).body, R"({"error":"there is no model \"x\""})");
    EXPECT_EQ(Ask(path, {absl::UnavailableError("x"), {}}).status, 503);
  }
}

TEST_F(OpenInferenceTest, AQuestionNamesTheModelOfThePath) {
  HttpRequest request = MakeRequest("");
  request.path_parameters = {{"model", "clf"}, {"version", "3"}};
  const auto asked = QueryAt(dialect_, "/v2/models/{model}/versions/{version}").ask(request);
  const auto& query = std::get<ModelsQuery>(std::get<QueryRoute::Question>(asked));
  EXPECT_EQ(query.kind, ModelsQuery::Kind::kGet);
  EXPECT_EQ(query.name, "clf");
  EXPECT_EQ(query.version, "3");
}

TEST_F(OpenInferenceTest, ListsModels) {
  ModelDescription other = Model();
  other.name = "d\"e";
  const QueryRoute::Answer two{absl::OkStatus(), {Model(), other}};
  EXPECT_EQ(Ask("/v2/models", two).body, R"({"models":["clf","d\"e"]})");
  EXPECT_EQ(
      Ask("/v2/repository/index", two).body,
      R"([{"name":"clf","version":"3","state":"READY","reason":""},{"name":"d\"e","version":"3","state":"READY","reason":""}])");
  EXPECT_EQ(Ask("/v2/models", {absl::UnavailableError("x"), {}}).status, 503);
  EXPECT_EQ(Ask("/v2/repository/index", {absl::OkStatus(), {}}).body, "[]");
}

}  // namespace
}  // namespace verdict
