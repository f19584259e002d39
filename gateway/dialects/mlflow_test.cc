#include "gateway/dialects/mlflow.h"

#include <cmath>

#include "gateway/dialects/testing/dialect_fixture.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;

class MlflowTest : public ::testing::Test {
 protected:
  const Dialect dialect_ = MlflowDialect();
  const ClassifyRoute& invocations_ = RouteAt(dialect_, "/invocations");

  std::string Answer(const std::string& request) {
    auto reading = Read(invocations_, MakeRequest(request, "application/json"));
    if (!reading) return {};
    ClassifyReply reply;
    for (size_t i = 0; i < reading->call.inputs.size(); ++i)
      reply.results.push_back(MakeResult({{"good", 0.75f, 1}, {"bad", 0.25f, 0}}));
    return Write(*reading, reply).body;
  }
};

TEST_F(MlflowTest, PredictionsAreAFrameInRecords) {
  EXPECT_EQ(Answer(R"({"inputs":["a","b"]})"),
            R"({"predictions":[{"label":"good","score":0.75},{"label":"good","score":0.75}]})");
  EXPECT_EQ(Answer(R"({"dataframe_records":[]})"), R"({"predictions":[]})");
}

TEST_F(MlflowTest, AScoreThatIsNoNumberIsZero) {
  auto reading = Read(invocations_, MakeRequest(R"({"inputs":"a"})", "application/json"));
  ASSERT_TRUE(reading);
  ClassifyReply reply;
  reply.results.push_back(MakeResult({{"good", std::nanf(""), 1}}));
  EXPECT_EQ(Write(*reading, reply).body, R"({"predictions":[{"label":"good","score":0.0}]})");
}

TEST_F(MlflowTest, RankedLabelsAreItsColumns) {
  EXPECT_EQ(Answer(R"({"inputs":["a"],"params":{"top_k":2}})"),
            R"({"predictions":[{"0":{"label":"good","score":0.75},"1":{"label":"bad","score":0.25}}]})");
}

TEST_F(MlflowTest, ParamsBecomeOptions) {
  const auto call = [&](const std::string& params) {
    return Read(invocations_, MakeRequest(R"({"inputs":"a","params":)" + params + "}"))->call;
  };
  EXPECT_EQ(call("null").top_k, 1);
  EXPECT_EQ(call(R"({"max_length":5,"top_k":3})").top_k, 3);
  EXPECT_EQ(call(R"({"top_k":null})").top_k, 0);
  EXPECT_EQ(call("{}").function_to_apply, ClassifyCall::Function::kModelDefault);
  EXPECT_EQ(call(R"({"function_to_apply":"Sigmoid"})").function_to_apply, ClassifyCall::Function::kSigmoid);
  EXPECT_EQ(call(R"({"function_to_apply":"softmax"})").function_to_apply, ClassifyCall::Function::kSoftmax);
  EXPECT_EQ(call(R"({"function_to_apply":"none"})").function_to_apply, ClassifyCall::Function::kNone);
}

struct Row {
  const char* name;
  const char* body;
  const char* type;
  int status;
  const char* says;
};

class BadMlflowTest : public MlflowTest, public ::testing::WithParamInterface<Row> {};

TEST_P(BadMlflowTest, IsRefused) {
  const Problem problem = ReadProblem(invocations_, MakeRequest(GetParam().body, GetParam().type));
  EXPECT_EQ(problem.status, GetParam().status);
  EXPECT_THAT(problem.detail, HasSubstr(GetParam().says));
}

constexpr char kGood[] = R"({"inputs":["a"]})";

INSTANTIATE_TEST_SUITE_P(
    Cases, BadMlflowTest,
    ::testing::Values(
        Row{"Empty", "", "", 400, "empty"}, Row{"BrokenJson", "{", "", 400, "not valid JSON"},
        Row{"List", R"(["a"])", "", 400, "must be a JSON object"}, Row{"Nothing", "{}", "", 400, "exactly one"},
        Row{"NotUtf8", "{\"inputs\":\"\xff\"}", "", 400, "UTF-8"},
        Row{"LoneSurrogate", R"({"inputs":"\ud800"})", "", 400, "surrogate"},
        Row{"TooDeep", "{\"inputs\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "", 400, "deeper"},
        Row{"ParamsNoObject", R"({"inputs":["a"],"params":[]})", "", 400, "params must be an object"},
        Row{"TopKZero", R"({"inputs":["a"],"params":{"top_k":0}})", "", 400, "params.top_k"},
        Row{"TopKText", R"({"inputs":["a"],"params":{"top_k":"1"}})", "", 400, "params.top_k"},
        Row{"TopKHuge", R"({"inputs":["a"],"params":{"top_k":4294967297}})", "", 400, "params.top_k"},
        Row{"Function", R"({"inputs":["a"],"params":{"function_to_apply":"relu"}})", "", 400, "params.function_to_apply"},
        Row{"Csv", "text\na", "text/csv", 415, "Got 'text/csv'"},
        Row{"Parquet", "PAR1", "application/vnd.apache.parquet", 415, "Got 'application/vnd.apache.parquet'"},
        Row{"OctetStream", kGood, "application/octet-stream", 415, "Got 'application/octet-stream'"},
        Row{"OldFormat", kGood, "application/json; format=pandas-split", 415, "Unrecognized content type parameters: format"},
        Row{"Charset", kGood, "application/json; charset=latin-1", 415, "only supports UTF-8"}),
    [](const auto& row) { return row.param.name; });

TEST_F(MlflowTest, ReadsItsMediaTypeAndNoBodyThatIsCompressed) {
  for (const char* type :
       {"", "application/json", "Application/JSON; charset=UTF-8", "application/json;charset=\"utf-8\"", "application/json;"}) {
    EXPECT_TRUE(Read(invocations_, MakeRequest(kGood, type))) << type;
  }
  HttpRequest compressed = MakeRequest(kGood);
  compressed.headers.Add("Content-Encoding", "gzip");
  EXPECT_EQ(ReadProblem(invocations_, compressed).status, 415);
}

TEST_F(MlflowTest, ClaimsWhatIsItsOwnAndInputsWhereNobodyElseDoes) {
  for (const char* own :
       {R"({"dataframe_split":1})", R"({"dataframe_records":1})", R"({"instances":1})", R"({"inputs":1,"params":{}})"}) {
    EXPECT_EQ(Claims(invocations_, MakeRequest(own)), Claim::kStrong) << own;
  }
  EXPECT_EQ(Claims(invocations_, MakeRequest(kGood)), Claim::kWeak);
  for (const char* other : {R"({"text":"a"})", R"({"params":{}})", R"(["inputs"])", "text\na", ""}) {
    EXPECT_EQ(Claims(invocations_, MakeRequest(other)), Claim::kNo) << other;
  }
}

TEST_F(MlflowTest, ProblemsHaveACodeAndMediaTypesAreText) {
  const auto written = [&](int status) { return invocations_.write_problem(MakeRequest(""), Problem{status, "a \"b\""}); };
  EXPECT_EQ(written(400).body, R"({"error_code":"BAD_REQUEST","message":"a \"b\""})");
  EXPECT_EQ(written(400).content_type, "application/json");
  EXPECT_EQ(written(404).body, R"({"error_code":"RESOURCE_DOES_NOT_EXIST","message":"a \"b\""})");
  EXPECT_EQ(written(429).body, R"({"error_code":"REQUEST_LIMIT_EXCEEDED","message":"a \"b\""})");
  EXPECT_EQ(written(503).body, R"({"error_code":"TEMPORARILY_UNAVAILABLE","message":"a \"b\""})");
  EXPECT_EQ(written(500).body, R"({"error_code":"INTERNAL_ERROR","message":"a \"b\""})");
  EXPECT_EQ(written(504).status, 504);
  EXPECT_EQ(written(415).body, "a \"b\"");
  EXPECT_EQ(written(415).content_type, "text/plain; charset=utf-8");
}

TEST_F(MlflowTest, HealthIsANewlineAndTheVersionItself) {
  for (const char* path : {"/ping", "/health"}) {
    EXPECT_EQ(QueryAt(dialect_, path).write(MakeRequest(""), {absl::OkStatus(), {}}).body, "\n");
    EXPECT_EQ(QueryAt(dialect_, path).write(MakeRequest(""), {absl::OkStatus(), {}}).status, 200);
    EXPECT_EQ(QueryAt(dialect_, path).write(MakeRequest(""), {absl::UnavailableError("x"), {}}).status, 404);
  }
  EXPECT_EQ(QueryAt(dialect_, "/version").write(MakeRequest(""), {}).body, "3.18.0");
}

}  // namespace
}  // namespace verdict
