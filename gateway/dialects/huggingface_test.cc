#include "gateway/dialects/huggingface.h"

#include "gateway/dialects/testing/malformed.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;
using Format = HuggingFaceFormat;

class HuggingFaceTest : public ::testing::Test {
 protected:
  const Dialect dialect_ = HuggingFaceDialect({});
  const ClassifyRoute& toolkit_ = RouteAt(dialect_, "/invocations");
  const ClassifyRoute& hosted_ = RouteAt(dialect_, "/models/{model}");

  static std::string Answer(const ClassifyRoute& route, std::string_view body) {
    auto reading = Read(route, MakeRequest(body));
    return reading ? Write(*reading, ReplyTo(reading->call)).body : "";
  }
  static std::string AnswerAs(const ClassifyRoute& route, std::string_view format) {
    HttpRequest request = MakeRequest(R"({"inputs":"a"})");
    request.headers.Add("X-Verdict-HF-Format", format);
    auto reading = Read(route, request);
    return reading ? Write(*reading, ReplyTo(reading->call)).body : "";
  }
};

constexpr char kA[] = R"({"label":"A","score":0.75})";
constexpr char kAB[] = R"({"label":"A","score":0.75},{"label":"B","score":0.25})";

// The table of what the pipeline returns.
TEST_F(HuggingFaceTest, TheToolkitAnswersAsThePipelineDoes) {
  const std::string a = kA, ab = kAB;
  EXPECT_EQ(Answer(toolkit_, R"({"inputs":"a"})"), "[" + a + "]");
  EXPECT_EQ(Answer(toolkit_, R"({"inputs":"a","parameters":{}})"), "[" + a + "]");
  EXPECT_EQ(Answer(toolkit_, R"({"inputs":"a","parameters":{"top_k":2}})"), "[" + ab + "]");
  EXPECT_EQ(Answer(toolkit_, R"({"inputs":"a","parameters":{"top_k":null}})"), "[" + ab + "]");
  EXPECT_EQ(Answer(toolkit_, R"({"inputs":"a","parameters":{"top_k":1}})"), "[" + a + "]");
  EXPECT_EQ(Answer(toolkit_, R"({"inputs":["a","b"]})"), "[" + a + "," + a + "]");
  EXPECT_EQ(Answer(toolkit_, R"({"inputs":["a","b"],"parameters":{"top_k":1}})"), "[[" + a + "],[" + a + "]]");
  EXPECT_EQ(Answer(toolkit_, R"({"inputs":["a"],"parameters":{"return_all_scores":true}})"), "[[" + ab + "]]");
  EXPECT_EQ(Answer(toolkit_, R"({"inputs":{"text":"a","text_pair":"b"}})"), a);
  EXPECT_EQ(Answer(toolkit_, R"({"inputs":{"text":"a"},"parameters":{"top_k":2}})"), "[" + ab + "]");
  EXPECT_EQ(Answer(toolkit_, R"({"inputs":[{"text":"a","text_pair":"b"}]})"), "[" + a + "]");
  EXPECT_EQ(Answer(toolkit_, R"({"inputs":[[["a","b"]]]})"), "[" + a + "]");
  EXPECT_EQ(Answer(toolkit_, R"({"inputs":[]})"), "[]");
}

TEST_F(HuggingFaceTest, TheHostedApiAnswersAListForEveryText) {
  const std::string a = kA, ab = kAB;
  EXPECT_EQ(Answer(hosted_, R"({"inputs":"a"})"), "[[" + ab + "]]");
  EXPECT_EQ(Answer(hosted_, R"({"inputs":"a","parameters":{"top_k":1}})"), "[[" + a + "]]");
  EXPECT_EQ(Answer(hosted_, R"({"inputs":["a","b"]})"), "[[" + ab + "],[" + ab + "]]");
  EXPECT_EQ(Answer(hosted_, R"({"inputs":{"text":"a","text_pair":"b"}})"), "[[" + ab + "]]");
  EXPECT_EQ(Answer(hosted_, R"({"text":"a","text_pair":"b"})"), "[[" + ab + "]]");
  EXPECT_EQ(Answer(hosted_, R"({"inputs":[]})"), "[]");
  EXPECT_EQ(Answer(hosted_, R"({"inputs":"a","options":{"wait_for_model":true},"parameters":null})"), "[[" + ab + "]]");
}

TEST_F(HuggingFaceTest, TheConventionMayBeChosen) {
  const std::string a = kA, ab = kAB;
  EXPECT_EQ(AnswerAs(toolkit_, "nested"), "[[" + ab + "]]");
  EXPECT_EQ(AnswerAs(hosted_, "flat"), "[" + a + "]");
  const Dialect flat = HuggingFaceDialect({.format = Format::kFlat});
  EXPECT_EQ(Answer(RouteAt(flat, "/"), R"({"inputs":"a"})"), "[" + a + "]");
  EXPECT_EQ(AnswerAs(RouteAt(flat, "/"), "nested"), "[[" + ab + "]]");
  const Dialect nested = HuggingFaceDialect({.format = Format::kNested});
  EXPECT_EQ(Answer(RouteAt(nested, "/invocations"), R"({"inputs":"a"})"), "[[" + ab + "]]");
  HttpRequest request = MakeRequest(R"({"inputs":"a"})");
  request.headers.Add(kHuggingFaceFormatHeader, "auto");
  EXPECT_THAT(ReadProblem(hosted_, request).detail, HasSubstr("x-verdict-hf-format must be flat or nested, not \"auto\""));
}

TEST_F(HuggingFaceTest, ParametersReachTheCall) {
  const auto reading = Read(hosted_, MakeRequest(R"({"inputs":["a",{"text":"b","text_pair":"c"}],
                                    "parameters":{"top_k":5,"function_to_apply":"SIGMOID","truncation":false}})"));
  ASSERT_TRUE(reading);
  EXPECT_EQ(reading->call.inputs.size(), 2u);
  EXPECT_EQ(reading->call.inputs[0].text, "a");
  EXPECT_EQ(reading->call.inputs[0].text_pair, std::nullopt);
  EXPECT_EQ(reading->call.inputs[1].text, "b");
  EXPECT_EQ(reading->call.inputs[1].text_pair, "c");
  EXPECT_EQ(reading->call.top_k, 5);
  EXPECT_EQ(reading->call.function_to_apply, ClassifyCall::Function::kSigmoid);
  EXPECT_EQ(reading->call.truncation_policy, ClassifyCall::Truncation::kError);
  EXPECT_EQ(reading->call.model, "") << "the path names it";
}

TEST_F(HuggingFaceTest, AMaxLengthThatCutsIsRefusedWithTheReply) {
  auto reading = Read(hosted_, MakeRequest(R"({"inputs":"a","parameters":{"max_length":5}})"));
  const auto written = reading->write(ReplyTo(reading->call));
  ASSERT_TRUE(std::holds_alternative<Problem>(written));
  EXPECT_EQ(std::get<Problem>(written).status, 400);
  EXPECT_NE(Answer(hosted_, R"({"inputs":"a","parameters":{"max_length":512,"truncation":true}})"), "");
}

TEST_F(HuggingFaceTest, ABodyThatIsTheTextIsReadOnHostedRoutes) {
  const auto text = [&](std::string_view body, std::string_view type) {
    const auto reading = Read(hosted_, MakeRequest(body, type));
    return reading ? reading->call.inputs.at(0).text : "";
  };
  EXPECT_EQ(text("I like {\"you", "text/plain; charset=us-ascii"), "I like {\"you");
  EXPECT_EQ(text("\"I like you\"", "application/json"), "I like you");
  EXPECT_EQ(text("\xEF\xBB\xBF 12.50\n", "application/json"), "12.50");
  EXPECT_EQ(text("-1e3", ""), "-1e3");
  EXPECT_EQ(text("12 apples", ""), "12 apples");
  EXPECT_EQ(text("I like you", "application/octet-stream"), "I like you");
  EXPECT_EQ(ReadProblem(hosted_, MakeRequest("I like you", "application/json")).status, 400);
  for (const char* attempt : {"", " \n", "{\"inputs\":", " [", "\"I like"}) {
    EXPECT_EQ(ReadProblem(hosted_, MakeRequest(attempt)).status, 400) << attempt;
  }
  EXPECT_EQ(ReadProblem(toolkit_, MakeRequest("\"a\"", "application/json")).status, 400);
  EXPECT_EQ(ReadProblem(toolkit_, MakeRequest("a", "text/plain")).status, 415);
  EXPECT_EQ(ReadProblem(hosted_, MakeRequest("a\xff", "text/plain")).status, 400);
  EXPECT_EQ(ReadProblem(hosted_, MakeRequest("a", "text/plain; charset=utf-16")).status, 415);
}

TEST_F(HuggingFaceTest, ClaimsInputsThatAreNobodyElses) {
  const auto claim = [&](std::string_view body) { return Claims(toolkit_, MakeRequest(body)); };
  for (const char* ours :
       {R"({"inputs":"a"})", R"({"inputs":["a"]})", R"({"inputs":null,"parameters":{}})", R"({"inputs":[{}]})"}) {
    EXPECT_EQ(claim(ours), Claim::kStrong) << ours;
  }
  for (const char* other :
       {R"({"text":"a"})", R"({"instances":["a"]})", R"({"inputs":"a","params":{}})", R"({"inputs":"a","truncate":true})",
        R"({"inputs":"a","raw_scores":false})", R"({"inputs":"a","truncation_direction":"left"})",
        R"({"inputs":[{"name":"t","datatype":"BYTES","shape":[1],"data":["a"]}],"parameters":{}})", "[]", "\"inputs\"", "{",
        ""}) {
    EXPECT_EQ(claim(other), Claim::kNo) << other;
  }
  EXPECT_EQ(claim(R"({"inputs":"a","truncate":true,"parameters":{}})"), Claim::kStrong) << "members of two contracts";
}

TEST_F(HuggingFaceTest, ProblemsHaveTheFormOfTheirRoute) {
  HttpRequest request = MakeRequest("");
  EXPECT_EQ(toolkit_.write_problem(request, {400, "no \"x\""}).body,
            R"({"code":400,"type":"InternalServerException","message":"no \"x\""})");
  EXPECT_THAT(toolkit_.write_problem(request, {404, "no"}).body, HasSubstr("ModelNotFoundException"));
  EXPECT_THAT(toolkit_.write_problem(request, {503, "no"}).body, HasSubstr("ServiceUnavailableException"));
  EXPECT_EQ(hosted_.write_problem(request, {400, "no"}).body, R"({"error":"no"})");
  Problem away{503, "it starts"};
  away.headers.Add("Retry-After", "1");
  const HttpResponse loading = hosted_.write_problem(request, away);
  EXPECT_EQ(loading.body, R"({"error":"The model is currently loading: it starts","estimated_time":1.0})");
  EXPECT_EQ(loading.headers.Find("Retry-After"), "1");
  request.path_parameters = {{"model", "demo"}};
  EXPECT_THAT(hosted_.write_problem(request, away).body, HasSubstr("Model demo is currently loading"));
}

std::vector<Malformed> Cases() {
  return MalformedJson(R"({"inputs":"a"})") +
         std::vector<Malformed>{
             {"array", "[]", 400, "no JSON object"},
             {"null", "null", 400, "no JSON object"},
             {"no_inputs", "{}", 400, "\"inputs\" is missing"},
             {"inputs_null", R"({"inputs":null})", 400, "inputs must be a string, an object with text and text_pair, or a list"},
             {"inputs_number", R"({"inputs":1})", 400, "not a number"},
             {"element_number", R"({"inputs":["a",1]})", 400, "inputs[1] must be a string, not a number"},
             {"element_list", R"({"inputs":[["a","b"]]})", 400, "inputs[0] is no text; send a pair as"},
             {"element_long_list", R"({"inputs":[[["a","b","c"]]]})", 400, "inputs[0] is no text"},
             {"element_object", R"({"inputs":[{"txt":"a"}]})", 400, "inputs[0].txt is not known here"},
             {"pair_number", R"({"inputs":{"text":"a","text_pair":1}})", 400, "inputs.text_pair must be a string, not a number"},
             {"whole_object", R"({"text":"a","top_k":1})", 400, "top_k is not known here"},
             {"parameter_unknown", R"({"inputs":"a","parameters":{"topk":1}})", 400, "parameters.topk is not known here"},
             {"parameter_type", R"({"inputs":"a","parameters":{"top_k":"1"}})", 400, "parameters.top_k must be"},
             {"parameters_type", R"({"inputs":"a","parameters":1})", 400, "parameters must be an object, not a number"},
             {"options_type", R"({"inputs":"a","options":1})", 400, "options must be an object, not a number"},
             {"only_first_pair", R"({"inputs":{"text":"a","text_pair":"b"},"parameters":{"truncation":"only_first"}})", 400,
              "only_first"},
             {"too_many", "{\"inputs\":" + ListOf(100'001, "\"\"") + "}", 400, "at most 100000"},
         };
}

class HuggingFaceMalformedTest : public ::testing::TestWithParam<Malformed> {};

TEST_P(HuggingFaceMalformedTest, IsRefusedOnEveryRoute) {
  const Dialect dialect = HuggingFaceDialect({});
  for (const ClassifyRoute& route : dialect.classify) {
    const Problem problem = ReadProblem(route, ToRequest(GetParam()));
    EXPECT_EQ(problem.status, GetParam().status) << route.path;
    EXPECT_THAT(problem.detail, HasSubstr(GetParam().says)) << route.path;
  }
}

INSTANTIATE_TEST_SUITE_P(All, HuggingFaceMalformedTest, ::testing::ValuesIn(Cases()), NameOf);

}  // namespace
}  // namespace verdict
