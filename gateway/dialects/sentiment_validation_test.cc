#include "gateway/dialects/sentiment_validation.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Row {
  const char* name;
  std::string body;
  const char* detail;  // what stands between the brackets
};

// The answers are those of FastAPI 0.104.1 with pydantic 2.5, recorded.
class SentimentTextTest : public ::testing::TestWithParam<Row> {};

TEST_P(SentimentTextTest, IsRefusedAsFastApiDoes) {
  JsonBody body(GetParam().body);
  const auto read = ReadSentimentText(body);
  const auto* problem = std::get_if<Problem>(&read);
  ASSERT_NE(problem, nullptr);
  EXPECT_EQ(problem->status, 422);
  EXPECT_EQ(problem->json, std::string(R"({"detail":[)") + GetParam().detail + "]}");
}

INSTANTIATE_TEST_SUITE_P(
    Cases, SentimentTextTest,
    ::testing::Values(
        Row{"Empty", "",
            R"({"type":"missing","loc":["body"],"msg":"Field required","input":null,"url":"https://errors.pydantic.dev/2.5/v/missing"})"},
        Row{"Null", "null",
            R"({"type":"missing","loc":["body"],"msg":"Field required","input":null,"url":"https://errors.pydantic.dev/2.5/v/missing"})"},
        Row{"Array", "[1]",
            R"({"type":"model_attributes_type","loc":["body"],"msg":"Input should be a valid dictionary or object to extract fields from","input":[1],"url":"https://errors.pydantic.dev/2.5/v/model_attributes_type"})"},
        Row{"Number", "3",
            R"({"type":"model_attributes_type","loc":["body"],"msg":"Input should be a valid dictionary or object to extract fields from","input":3,"url":"https://errors.pydantic.dev/2.5/v/model_attributes_type"})"},
        Row{"Missing", R"({"a":1e22,"b":1e16,"d":1e-5,"e":0.0001,"é":[true,null]})",
            R"({"type":"missing","loc":["body","text"],"msg":"Field required","input":{"a":1e+22,"b":1e+16,"d":1e-05,"e":0.0001,"é":[true,null]},"url":"https://errors.pydantic.dev/2.5/v/missing"})"},
        Row{"TooShort", R"({"text":""})",
            R"({"type":"string_too_short","loc":["body","text"],"msg":"String should have at least 1 character","input":"","ctx":{"min_length":1},"url":"https://errors.pydantic.dev/2.5/v/string_too_short"})"},
        Row{"Blank", R"({"text":" "})",
            R"({"type":"value_error","loc":["body","text"],"msg":"Value error, Text cannot be empty or only whitespace","input":" ","ctx":{"error":{}},"url":"https://errors.pydantic.dev/2.5/v/value_error"})"},
        Row{"NumberAsText", R"({"text":5})",
            R"({"type":"string_type","loc":["body","text"],"msg":"Input should be a valid string","input":5,"url":"https://errors.pydantic.dev/2.5/v/string_type"})"},
        Row{"NullAsText", R"({"text":null})",
            R"({"type":"string_type","loc":["body","text"],"msg":"Input should be a valid string","input":null,"url":"https://errors.pydantic.dev/2.5/v/string_type"})"},
        Row{"TheLastTextCounts", R"({"text":"good","text":5})",
            R"({"type":"string_type","loc":["body","text"],"msg":"Input should be a valid string","input":5,"url":"https://errors.pydantic.dev/2.5/v/string_type"})"},
        Row{"BrokenJson", R"({"te)",
            R"({"type":"json_invalid","loc":["body",1],"msg":"JSON decode error","input":{},"ctx":{"error":"Unterminated string starting at"}})"},
        Row{"ByteOrderMarkAndCharacters", "\xEF\xBB\xBF{\"é\":",
            R"({"type":"json_invalid","loc":["body",5],"msg":"JSON decode error","input":{},"ctx":{"error":"Expecting value"}})"},
        Row{"LoneSurrogate", R"({"text":"\ud800"})",
            R"({"type":"json_invalid","loc":["body",10],"msg":"JSON decode error","input":{},"ctx":{"error":"Invalid \\uXXXX escape"}})"}),
    [](const auto& row) { return row.param.name; });

TEST(SentimentValidationTest, ATextIsAsLongAsItsCodePoints) {
  std::string longest;
  for (int i = 0; i < 5000; ++i) longest += "é";
  const std::string good = "{\"text\":\"" + longest + "\"}", bad = "{\"text\":\"" + longest + "é\"}";
  JsonBody good_body(good), bad_body(bad);
  const auto read = ReadSentimentText(good_body);
  ASSERT_TRUE(std::holds_alternative<std::string>(read));
  EXPECT_EQ(std::get<std::string>(read), longest);
  const auto refused = ReadSentimentText(bad_body);
  ASSERT_TRUE(std::holds_alternative<Problem>(refused));
  EXPECT_EQ(
      std::get<Problem>(refused).json,
      R"({"detail":[{"type":"string_too_long","loc":["body","text"],"msg":"String should have at most 5000 characters","input":")" +
          longest + R"(é","ctx":{"max_length":5000},"url":"https://errors.pydantic.dev/2.5/v/string_too_long"}]})");
}

TEST(SentimentValidationTest, WhatCannotBeDecodedIsA400) {
  const std::string deep = "{\"text\":" + std::string(1000, '[') + std::string(1000, ']') + "}";
  for (const std::string& text : {std::string("{\"text\":\"\xff\"}"), deep}) {
    JsonBody body(text);
    const auto read = ReadSentimentText(body);
    ASSERT_TRUE(std::holds_alternative<Problem>(read)) << text;
    EXPECT_EQ(std::get<Problem>(read).status, 400);
    EXPECT_EQ(std::get<Problem>(read).json, "");
    EXPECT_EQ(std::get<Problem>(read).detail, "There was an error parsing the body");
  }
}

class SentimentTextsTest : public ::testing::TestWithParam<Row> {};

TEST_P(SentimentTextsTest, AreRefusedAsFastApiDoes) {
  JsonBody body(GetParam().body);
  const auto read = ReadSentimentTexts(body);
  const auto* problem = std::get_if<Problem>(&read);
  ASSERT_NE(problem, nullptr);
  EXPECT_EQ(problem->status, 422);
  EXPECT_EQ(problem->json, std::string(R"({"detail":[)") + GetParam().detail + "]}");
}

INSTANTIATE_TEST_SUITE_P(
    Cases, SentimentTextsTest,
    ::testing::Values(
        Row{"Missing", "{}",
            R"({"type":"missing","loc":["body","texts"],"msg":"Field required","input":{},"url":"https://errors.pydantic.dev/2.5/v/missing"})"},
        Row{"None", R"({"texts":[]})",
            R"({"type":"too_short","loc":["body","texts"],"msg":"List should have at least 1 item after validation, not 0","input":[],"ctx":{"field_type":"List","min_length":1,"actual_length":0},"url":"https://errors.pydantic.dev/2.5/v/too_short"})"},
        Row{"NoList", R"({"texts":"a"})",
            R"({"type":"list_type","loc":["body","texts"],"msg":"Input should be a valid list","input":"a","url":"https://errors.pydantic.dev/2.5/v/list_type"})"},
        Row{"Numbers", R"({"texts":["a",1,null]})",
            R"({"type":"string_type","loc":["body","texts",1],"msg":"Input should be a valid string","input":1,"url":"https://errors.pydantic.dev/2.5/v/string_type"},{"type":"string_type","loc":["body","texts",2],"msg":"Input should be a valid string","input":null,"url":"https://errors.pydantic.dev/2.5/v/string_type"})"},
        Row{"Blank", R"({"texts":["a"," "]})",
            R"({"type":"value_error","loc":["body","texts"],"msg":"Value error, Text at index 1 is empty or only whitespace","input":["a"," "],"ctx":{"error":{}},"url":"https://errors.pydantic.dev/2.5/v/value_error"})"},
        Row{"BrokenJson", R"({"texts":["a",]})",
            R"({"type":"json_invalid","loc":["body",14],"msg":"JSON decode error","input":{},"ctx":{"error":"Expecting value"}})"}),
    [](const auto& row) { return row.param.name; });

TEST(SentimentValidationTest, TextsComeInTheirOrder) {
  JsonBody body(R"({"texts":["b","a","\u732b"],"more":1})");
  const auto read = ReadSentimentTexts(body);
  ASSERT_TRUE(std::holds_alternative<const boost::json::array*>(read));
  std::vector<std::string> texts;
  for (const auto& text : *std::get<const boost::json::array*>(read)) texts.emplace_back(std::string(text.as_string()));
  EXPECT_THAT(texts, ElementsAre("b", "a", "猫"));
}

TEST(SentimentValidationTest, ALongTextIsNamedByItsIndex) {
  const std::string text = "{\"texts\":[\"a\",\"" + std::string(5001, 'a') + "\"]}";
  JsonBody body(text);
  const auto read = ReadSentimentTexts(body);
  ASSERT_TRUE(std::holds_alternative<Problem>(read));
  EXPECT_THAT(std::get<Problem>(read).json,
              HasSubstr(R"("msg":"Value error, Text at index 1 exceeds maximum length of 5000 characters")"));
}

TEST(SentimentValidationTest, ReportsAHundredErrorsAndNoMore) {
  std::string text = "{\"texts\":[0";
  for (int i = 0; i < 10000; ++i) text += ",0";
  text += "]}";
  JsonBody body(text);
  const auto read = ReadSentimentTexts(body);
  ASSERT_TRUE(std::holds_alternative<Problem>(read));
  EXPECT_THAT(std::get<Problem>(read).json, HasSubstr(R"("loc":["body","texts",99])"));
  EXPECT_LT(std::get<Problem>(read).json.size(), 20000u);
}

}  // namespace
}  // namespace verdict
