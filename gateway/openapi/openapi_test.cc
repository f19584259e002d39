#include "gateway/openapi/openapi.h"

#include "boost/json/parse.hpp"
#include "boost/json/serialize.hpp"
#include "boost/json/value.hpp"
#include "gmock/gmock.h"

namespace verdict {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

constexpr char kBase[] = R"({"openapi":"3.1.0","info":{"version":"0"},"components":{
    "responses":{"BadHttp":{"description":"Bad.","content":{"application/problem+json":{"schema":{"$ref":"P"}}}}}}})";

// A dialect with POST /invocations: a body with that member, that schema of an answer.
std::string Invocations(const std::string& name, const std::string& answer) {
  return R"({"tags":[{"name":")" + name + R"("}],"paths":{"/invocations":{"post":{"tags":[")" + name + R"("],"operationId":")" +
         name + R"(","summary":")" + name + R"(","parameters":[{"$ref":"#/components/parameters/RequestId"}],
         "requestBody":{"content":{"application/json":{"schema":{"$ref":")" +
         name + R"("},"examples":{")" + name + R"(":{"value":1}}}}},
         "responses":{"200":{"description":"Labels.","content":{"application/json":{"schema":)" +
         answer + R"(}}},"400":{"$ref":"#/components/responses/)" + name + R"("}}}}},
         "components":{"responses":{")" +
         name + R"(":{"description":"No )" + name + R"(.","content":{"application/json":{"schema":{"$ref":"E"}}}}}}})";
}

json::value Merge(const std::vector<std::string>& fragments) {
  std::vector<OpenApiFragment> parts;
  for (const std::string& fragment : fragments) parts.push_back({"dialect " + std::to_string(parts.size()), fragment});
  const auto merged = MergeOpenApi(kBase, parts, "1.2.3");
  if (!merged.ok()) {
    ADD_FAILURE() << merged.status();
    return {};
  }
  return json::parse(*merged);
}

std::string At(const json::value& document, const char* pointer) {
  json::error_code error;
  const json::value* value = document.find_pointer(pointer, error);
  return value == nullptr ? "nothing" : json::serialize(*value);
}

TEST(OpenApiTest, TheVersionIsTheProducts) { EXPECT_EQ(At(Merge({}), "/info/version"), "\"1.2.3\""); }

TEST(OpenApiTest, AnOperationOfSeveralTakesAndAnswersWhatAnyOfThemDoes) {
  const json::value document = Merge({Invocations("a", "true"), Invocations("b", "false"), Invocations("c", "true")});
  const char* const post = "/paths/~1invocations/post";
  const auto member = [&](const std::string& path) { return At(document, (post + path).c_str()); };
  EXPECT_EQ(At(document, "/tags"), R"([{"name":"a"},{"name":"b"},{"name":"c"}])");
  EXPECT_EQ(member("/tags"), R"(["a","b","c"])");
  EXPECT_EQ(member("/operationId"), "\"a\"");
  EXPECT_EQ(member("/summary"), "\"a; b; c\"");
  EXPECT_EQ(member("/parameters"), R"([{"$ref":"#/components/parameters/RequestId"}])") << "each once";
  EXPECT_EQ(member("/requestBody/content/application~1json/schema"), R"({"anyOf":[{"$ref":"a"},{"$ref":"b"},{"$ref":"c"}]})");
  EXPECT_EQ(member("/requestBody/content/application~1json/examples"), R"({"a":{"value":1},"b":{"value":1},"c":{"value":1}})");
  EXPECT_EQ(member("/responses/200/content/application~1json/schema"), R"({"anyOf":[true,false]})") << "each once";
}

TEST(OpenApiTest, AnswersWithOneStatusAreJoinedThroughTheirReferences) {
  const json::value document = Merge({Invocations("a", "true"), Invocations("b", "true")});
  const char* const answer = "/paths/~1invocations/post/responses/400";
  EXPECT_EQ(At(document, answer), R"({"description":"No a. No b. Bad.","content":{"application/json":{"schema":{"$ref":"E"}},)"
                                  R"("application/problem+json":{"schema":{"$ref":"P"}}}})");
  EXPECT_EQ(At(document, "/components/responses/a/description"), "\"No a.\"") << "what is referred to stays as it is";
}

TEST(OpenApiTest, WithoutABodyTheFirstOnesOperationCounts) {
  const char* const first = R"({"paths":{"/":{"get":{"summary":"first","responses":{}}}}})";
  const char* const second = R"({"paths":{"/":{"get":{"summary":"second","responses":{}},"put":{"summary":"other"}}}})";
  const json::value document = Merge({first, second});
  EXPECT_EQ(At(document, "/paths/~1/get/summary"), "\"first\"");
  EXPECT_EQ(At(document, "/paths/~1/put/summary"), "\"other\"");
}

TEST(OpenApiTest, InvocationsHaveASecondPath) {
  const json::value document = Merge({Invocations("a", "true")});
  const char* const post = "/paths/~1models~1{model}~1invoke/post";
  EXPECT_EQ(At(document, (post + std::string("/operationId")).c_str()), "\"invoke_model\"");
  EXPECT_THAT(At(document, (post + std::string("/parameters")).c_str()), HasSubstr("#/components/parameters/Model"));
  EXPECT_EQ(At(Merge({R"({"paths":{"/":{}}})"}), post), "nothing");
}

TEST(OpenApiTest, TheServersOwnAnswersAreAdded) {
  const json::value document = Merge({Invocations("a", "true"), R"({"paths":{"/":{"get":{"responses":{}}}}})"});
  EXPECT_EQ(At(document, "/paths/~1/get/responses/408"), R"({"$ref":"#/components/responses/TooSlow"})");
  EXPECT_EQ(At(document, "/paths/~1/get/responses/411"), "nothing");
  EXPECT_EQ(At(document, "/paths/~1invocations/post/responses/411"), R"({"$ref":"#/components/responses/NoLength"})");
}

TEST(OpenApiTest, WhatDoesNotGoTogetherIsAnError) {
  const auto error = [](std::vector<OpenApiFragment> fragments) {
    return std::string(MergeOpenApi(kBase, fragments, "1").status().message());
  };
  EXPECT_THAT(error({{"soap", "<xml>"}}), HasSubstr("soap"));
  EXPECT_THAT(error({{"soap", ""}}), HasSubstr("soap"));
  EXPECT_THAT(error({{"one", R"({"components":{"schemas":{"A":{"type":"string"}}}})"},
                     {"two", R"({"components":{"schemas":{"A":{"type":"number"}}}})"}}),
              HasSubstr("component A of two"));
}

}  // namespace
}  // namespace verdict
