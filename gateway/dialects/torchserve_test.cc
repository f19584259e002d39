#include "gateway/dialects/torchserve.h"

#include "gateway/dialects/testing/malformed.h"

namespace verdict {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kForm[] = "multipart/form-data; boundary=b";

std::string Part(const std::string& name, const std::string& content) {
  return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"; filename=\"f\"\r\n\r\n" + content + "\r\n";
}

class TorchServeTest : public ::testing::Test {
 protected:
  const Dialect dialect_ = TorchServeDialect({});
  const ClassifyRoute& predict_ = RouteAt(dialect_, "/predictions/{model}");

  static ClassifyReply ReplyTo(const ClassifyCall& call) {
    ClassifyReply reply;
    for (size_t i = 0; i < call.inputs.size(); ++i) {
      reply.results.push_back(MakeResult({{"World", 0.75f, 1}, {"Sports", 0.25f, 0}, {"World", 0.0f, 2}}));
    }
    return reply;
  }
  std::string Answer(std::string_view body, std::string_view type) {
    auto reading = Read(predict_, MakeRequest(body, type));
    return reading ? Write(*reading, ReplyTo(reading->call)).body : "";
  }
  std::string Text(std::string_view body, std::string_view type) {
    const auto reading = Read(predict_, MakeRequest(body, type));
    return reading && reading->call.inputs.size() == 1 ? reading->call.inputs[0].text : "no text";
  }
};

TEST_F(TorchServeTest, AnAnswerIsAMapFromLabelToScore) {
  EXPECT_EQ(Answer("a", ""), R"({"World":0.75,"Sports":0.25})");
  EXPECT_EQ(Answer(R"({"instances":[{"data":"a"},"b"]})", "application/json"),
            R"({"predictions":[{"World":0.75,"Sports":0.25},{"World":0.75,"Sports":0.25}]})");
  EXPECT_EQ(Answer(R"({"instances":[]})", "application/json"), R"({"predictions":[]})");
}

TEST_F(TorchServeTest, ATextComesInAllTheFormsOfItsClients) {
  for (const char* type : {"", "text/plain", "text/plain; charset=us-ascii", "application/octet-stream", "text/csv"}) {
    EXPECT_EQ(Text("{\"not\": json", type), "{\"not\": json") << type;
  }
  EXPECT_EQ(Text("", "text/plain"), "");
  for (const char* json : {R"("I lost it")", R"({"data":"I lost it"})", R"({"body":"I lost it"})", R"({"text":"I lost it"})",
                           R"({"instances":[{"body":"I lost it"}]})", R"({"instances":["I lost it"]})"}) {
    EXPECT_EQ(Text(json, "application/json"), "I lost it") << json;
  }
  EXPECT_EQ(Text(Part("data", "I lost it\n") + "--b--", kForm), "I lost it\n");
  EXPECT_EQ(Text(Part("other", "x") + Part("body", "é") + "--b--", kForm), "é");
  EXPECT_EQ(Text("data=I+lost%20it%26", "application/x-www-form-urlencoded"), "I lost it&");
  EXPECT_EQ(Text("a=b&&body=&c", "application/x-www-form-urlencoded"), "");
}

TEST_F(TorchServeTest, PathsNameModelAndVersionAndMayBePut) {
  ASSERT_EQ(dialect_.classify.size(), 2u);
  EXPECT_EQ(dialect_.classify[1].path, "/predictions/{model}/{version}");
  for (const ClassifyRoute& route : dialect_.classify) EXPECT_THAT(route.methods, ElementsAre("POST", "PUT"));
}

TEST_F(TorchServeTest, AsManyLabelsAsConfigured) {
  EXPECT_EQ(Read(predict_, MakeRequest("a"))->call.top_k, 5);
  const Dialect all = TorchServeDialect({.top_k = 0});
  EXPECT_EQ(Read(RouteAt(all, "/predictions/{model}"), MakeRequest("a"))->call.top_k, 0);
}

TEST_F(TorchServeTest, PingTells) {
  const QueryRoute& ping = QueryAt(dialect_, "/ping");
  EXPECT_EQ(ping.write(MakeRequest(""), {absl::OkStatus(), {}}).body, R"({"status":"Healthy"})");
  const HttpResponse sick = ping.write(MakeRequest(""), {absl::UnavailableError("x"), {}});
  EXPECT_EQ(sick.status, 500);
  EXPECT_EQ(sick.body, R"({"status":"Unhealthy"})");
}

TEST_F(TorchServeTest, ProblemsHaveTheNamesOfItsExceptions) {
  const std::tuple<int, int, const char*> cases[] = {
      {400, 400, "BadRequestException"},         {404, 404, "ModelNotFoundException"},  {408, 408, "RequestTimeoutException"},
      {413, 413, "BadRequestException"},         {415, 415, "BadRequestException"},     {429, 503, "ServiceUnavailableException"},
      {503, 503, "ServiceUnavailableException"}, {500, 500, "InternalServerException"}, {504, 504, "RequestTimeoutException"}};
  for (const auto& [status, written, type] : cases) {
    const HttpResponse response = predict_.write_problem(MakeRequest(""), Problem{status, "no"});
    EXPECT_EQ(response.status, written);
    EXPECT_EQ(response.body, "{\"code\":" + std::to_string(written) + ",\"type\":\"" + type + "\",\"message\":\"no\"}");
  }
  HttpRequest request = MakeRequest("");
  request.path_parameters = {{"model", "m"}, {"version", "2"}};
  EXPECT_THAT(predict_.write_problem(request, Problem{404, "no"}).body, HasSubstr("ModelVersionNotFoundException"));
}

std::vector<Malformed> Cases() {
  std::vector<Malformed> json = MalformedJson(R"({"data":"a"})");
  std::erase_if(json, [](const Malformed& malformed) { return malformed.name == "media_type"; });
  return json + std::vector<Malformed>{
                    {"media_type", "a", 415, "Content-Type image/png is not read; use text/plain", "image/png"},
                    {"text_invalid_utf8", "a\xff", 400, "not valid UTF-8 at byte 1", "text/plain"},
                    {"text_charset", "a", 415, "charset utf-16", "text/plain; charset=utf-16"},
                    {"text_coding", "a", 415, "gzip", "text/plain", "gzip"},
                    {"number", "1", 400, "the body must be a string, or an object with a member data, not a number"},
                    {"array", R"(["a"])", 400, "not an array"},
                    {"no_data", R"({"input":"a"})", 400, "the body has no member data"},
                    {"data_number", R"({"data":1})", 400, "the body.data must be a string, not a number"},
                    {"unknown", R"({"data":"a","target":1})", 400, "target is not known here"},
                    {"instances_object", R"({"instances":{}})", 400, "instances must be an array, not an object"},
                    {"instance_number", R"({"instances":["a",1]})", 400, "instances[1] must be a string"},
                    {"instance_object", R"({"instances":[{}]})", 400, "instances[0] has no member data"},
                    {"beside_instances", R"({"instances":["a"],"data":"b"})", 400, "no other member"},
                    {"too_many", "{\"instances\":" + ListOf(100'001, "\"\"") + "}", 400, "at most 100000"},
                    {"form_no_boundary", "a", 400, "needs a boundary", "multipart/form-data"},
                    {"form_no_field", Part("text", "a") + "--b--", 400, "one field named data", kForm},
                    {"form_two_fields", Part("data", "a") + Part("body", "a") + "--b--", 400, "one field named data", kForm},
                    {"form_cut", Part("data", "a"), 400, "malformed", kForm},
                    {"form_invalid_utf8", Part("data", "\xff") + "--b--", 400, "not valid UTF-8", kForm},
                    {"encoded_no_field", "text=a", 400, "one field named data", "application/x-www-form-urlencoded"},
                    {"encoded_two_fields", "data=a&data=b", 400, "one field named data", "application/x-www-form-urlencoded"},
                    {"encoded_percent", "data=%4", 400, "percent sign", "application/x-www-form-urlencoded"},
                    {"encoded_invalid_utf8", "data=%ff", 400, "not valid UTF-8", "application/x-www-form-urlencoded"},
                };
}

class TorchServeMalformedTest : public ::testing::TestWithParam<Malformed> {};

TEST_P(TorchServeMalformedTest, IsRefusedOnEveryRoute) {
  const Dialect dialect = TorchServeDialect({});
  for (const ClassifyRoute& route : dialect.classify) {
    const Problem problem = ReadProblem(route, ToRequest(GetParam()));
    EXPECT_EQ(problem.status, GetParam().status) << route.path;
    EXPECT_THAT(problem.detail, HasSubstr(GetParam().says)) << route.path;
  }
}

INSTANTIATE_TEST_SUITE_P(All, TorchServeMalformedTest, ::testing::ValuesIn(Cases()), NameOf);

}  // namespace
}  // namespace verdict
