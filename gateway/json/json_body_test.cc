#include "gateway/json/json_body.h"

#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;

std::string Text(std::string_view json) {
  const auto read = JsonBody(json).TakeTextMember("text");
  const auto* problem = std::get_if<Problem>(&read);
  EXPECT_EQ(problem, nullptr) << json << ": " << (problem ? problem->detail : "");
  return problem ? "?" : std::get<std::string>(read);
}

TEST(TakeTextMemberTest, ReadsTheString) {
  EXPECT_EQ(Text(R"({"text":"hello"})"), "hello");
  EXPECT_EQ(Text(R"( { "text" : "" } )"), "");
  EXPECT_EQ(Text("{\"text\":\"grün 猫 🐈\"}\r\n"), "grün 猫 🐈");
  EXPECT_EQ(Text(R"({"text":"\u732b \ud83d\udc08 \"\\\/\b\f\n\r\t"})"), "猫 🐈 \"\\/\b\f\n\r\t");
  EXPECT_EQ(Text(R"({"text":"a\u0000b"})"), std::string("a\0b", 3));
  EXPECT_EQ(Text(R"({"te\u0078t":"escaped name"})"), "escaped name");
}

TEST(TakeTextMemberTest, SkipsAByteOrderMark) { EXPECT_EQ(Text("\xEF\xBB\xBF{\"text\":\"a\"}"), "a"); }

TEST(TakeTextMemberTest, IgnoresOtherMembers) {
  EXPECT_EQ(Text(R"({"a":{"text":1},"b":["text",{"text":[]}],"text":"x","texts":"y","tex":"z","n":1e400,"t":true,"u":null})"),
            "x");
  EXPECT_EQ(Text(R"({"":"","text":"x","textt":5})"), "x");
}

TEST(TakeTextMemberTest, TheLastOfEqualNamesCounts) {
  EXPECT_EQ(Text(R"({"text":1,"text":{"text":"in"},"text":"last"})"), "last");
  EXPECT_EQ(Text(R"({"text":"a longer one","text":"last"})"), "last");
  EXPECT_EQ(std::get<Problem>(JsonBody(R"({"text":"a","text":null})").TakeTextMember("text")).status, 400);
}

TEST(TakeTextMemberTest, ReadsLargeTextsWhole) {
  const std::string text(5 * 1024 * 1024, 'w');
  EXPECT_EQ(Text("{\"text\":\"" + text + "\"}"), text);
  std::string escaped, plain;
  for (int i = 0; i < 100000; ++i) {
    escaped += "\\u00e4 ";
    plain += "ä ";
  }
  EXPECT_EQ(Text("{\"text\":\"" + escaped + "\"}"), plain);
}

struct Bad {
  const char* name;
  std::string json;
  const char* says;
};

class BadJsonTest : public ::testing::TestWithParam<Bad> {};

TEST_P(BadJsonTest, IsA400ThatSaysWhatAndWhere) {
  const auto read = JsonBody(GetParam().json).TakeTextMember("text");
  const auto* problem = std::get_if<Problem>(&read);
  ASSERT_NE(problem, nullptr);
  EXPECT_EQ(problem->status, 400);
  EXPECT_THAT(problem->detail, HasSubstr(GetParam().says));
}

std::string Repeat(std::string_view piece, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += piece;
  return text;
}

INSTANTIATE_TEST_SUITE_P(
    Cases, BadJsonTest,
    ::testing::Values(
        Bad{"Empty", "", "the body is empty"}, Bad{"Blank", " \n", "ends too early"},
        Bad{"NoJson", "hello", "not valid JSON at byte 0"}, Bad{"Truncated", R"({"text":"a)", "ends too early, at byte 10"},
        Bad{"TruncatedEscape", R"({"text":"\u00)", "not valid JSON"},
        Bad{"SingleQuotes", "{'text':'a'}", "at byte 1 (line 1, column 2)"},
        Bad{"TrailingComma", "{\n \"text\": \"a\",\n}", "(line 3, column 1)"},
        Bad{"Trailing", R"({"text":"a"} x)", "something follows its value at byte 13"},
        Bad{"TwoValues", R"({"text":"a"}{"text":"b"})", "something follows its value at byte 12"},
        Bad{"NotANumber", R"({"text":NaN})", "at byte 8"},
        Bad{"Infinity", R"({"a":-Infinity,"text":"a"})", "not valid JSON at byte"},
        Bad{"Comment", R"({"text":"a"/**/})", "at byte 11"}, Bad{"RawNewline", "{\"text\":\"a\nb\"}", "at byte 10"},
        Bad{"BadEscape", R"({"text":"\x41"})", "at byte 10"}, Bad{"HighAlone", R"({"text":"a\ud83d"})", "\\u escape at byte 10"},
        Bad{"LowAlone", R"({"text":"\udc08"})", "\\u escape at byte 9"},
        Bad{"HighThenOther", R"({"text":"\ud83d\u0041"})", "\\u escape at byte 9"},
        Bad{"HighThenText", R"({"text":"\ud83d and a longer rest of the text"})", "\\u escape at byte 9"},
        Bad{"LoneInAnotherMember", R"({"text":"a","b":"\ud800"})", "half of a surrogate pair"},
        Bad{"LoneInAKey", R"({"\ud800":1,"text":"a"})", "\\u escape at byte 2"},
        Bad{"SyntaxBeforeTheLoneOne", R"({"text" "\ud800"})", "not valid JSON at byte 8"},
        Bad{"InvalidUtf8", "{\"text\":\"a\xff\"}", "not valid UTF-8 at byte 10"},
        Bad{"EncodedSurrogate", "{\"text\":\"\xed\xa0\x80\"}", "not valid UTF-8 at byte 9"},
        Bad{"OverlongUtf8", "{\"text\":\"\xc0\xaf\"}", "not valid UTF-8 at byte 9"},
        Bad{"Utf16", std::string("\xff\xfe{\0}\0", 6), "not valid UTF-8 at byte 0"},
        Bad{"NoObject", R"(["text"])", "no JSON object"}, Bad{"NoObjectButOneInside", R"([{"text":"a"}])", "no JSON object"},
        Bad{"JustAString", R"("text")", "no JSON object"}, Bad{"Null", "null", "no JSON object"},
        Bad{"Missing", "{}", "\"text\" is missing"}, Bad{"OtherCase", R"({"Text":"a"})", "\"text\" is missing"},
        Bad{"Nested", R"({"a":{"text":"x"}})", "\"text\" is missing"},
        Bad{"ANumber", R"({"text":5})", "must be a string, not a number"}, Bad{"ABoolean", R"({"text":true})", "not a boolean"},
        Bad{"ANull", R"({"text":null})", "not null"}, Bad{"AnArray", R"({"text":["a"]})", "not an array"},
        Bad{"AnObject", R"({"text":{"text":"a"}})", "not an object"},
        Bad{"TooDeep", R"({"a":)" + Repeat("[", 100) + Repeat("]", 100) + R"(,"text":"a"})", "nested deeper than 32 levels"},
        Bad{"VeryDeep", Repeat("[", 1000000), "nested deeper than 32 levels"},
        Bad{"VeryDeepObjects", Repeat("{\"a\":", 300000), "nested deeper than 32 levels"}),
    [](const auto& row) { return row.param.name; });

TEST(JsonBodyTest, TheOutlineHasTheMembersOfTheOutermostObject) {
  JsonBody body(R"({"inputs":["a",{"text":"in"}],"n":1,"text":"x","flag":true,"none":null,"o":{}})");
  const JsonOutline* outline = body.OutlineIfGood();
  ASSERT_NE(outline, nullptr);
  EXPECT_EQ(outline->kind, JsonKind::kObject);
  EXPECT_EQ(outline->members.size(), 6u);
  EXPECT_EQ(outline->Find("inputs")->kind, JsonKind::kArray);
  EXPECT_EQ(outline->Find("text")->text, "x");
  EXPECT_EQ(outline->Find("o")->kind, JsonKind::kObject);
  EXPECT_FALSE(outline->Has("in"));
}

TEST(JsonBodyTest, OtherValuesHaveAKindAndNoMembers) {
  const std::pair<const char*, JsonKind> rows[] = {{"[{\"a\":1}]", JsonKind::kArray}, {"\"a\"", JsonKind::kString},
                                                   {"-1.5e3", JsonKind::kNumber},     {"null", JsonKind::kNull},
                                                   {"false", JsonKind::kBoolean},     {"{}", JsonKind::kObject}};
  for (const auto& [json, kind] : rows) {
    JsonBody body(json);
    ASSERT_NE(body.OutlineIfGood(), nullptr) << json;
    EXPECT_EQ(body.OutlineIfGood()->kind, kind) << json;
    EXPECT_TRUE(body.OutlineIfGood()->members.empty()) << json;
  }
}

std::string ManyMembers(int count) {
  std::string json = "{";
  for (int i = 0; i < count; ++i) json += "\"k" + std::to_string(i) + "\":" + std::to_string(i) + ",";
  return json + "\"k0\":\"again\",\"k20\":\"again\"}";
}

TEST(JsonBodyTest, ManyMembersAreFoundAndTooManyRefused) {
  const std::string many = ManyMembers(4096);
  JsonBody body(many);
  ASSERT_NE(body.OutlineIfGood(), nullptr);
  EXPECT_EQ(body.OutlineIfGood()->members.size(), 4096u);
  EXPECT_EQ(body.OutlineIfGood()->Find("k0")->text, "again");
  EXPECT_EQ(body.OutlineIfGood()->Find("k20")->text, "again");
  const std::string too_many = ManyMembers(4097);
  const auto outline = JsonBody(too_many).Outline();
  EXPECT_THAT(std::get<Problem>(outline).detail, HasSubstr("more than 4096 members"));
}

TEST(JsonBodyTest, TheValueIsAllOfIt) {
  JsonBody body("\xEF\xBB\xBF{\"inputs\":[\"a\",2]}");
  const auto value = body.Value();
  ASSERT_TRUE(std::holds_alternative<const boost::json::value*>(value));
  EXPECT_EQ(std::get<const boost::json::value*>(value)->at("inputs").as_array().size(), 2u);
  EXPECT_EQ(std::get<const boost::json::value*>(body.Value()), std::get<const boost::json::value*>(value)) << "parsed once";
  EXPECT_EQ(std::get<Problem>(JsonBody("{").Value()).status, 400);
}

TEST(JsonBodyTest, FewBytesThatAskForMuchMemoryAreRefused) {
  const std::string json = "[" + Repeat("0,", 6'000'000) + "0]";
  EXPECT_EQ(std::get<Problem>(JsonBody(json).Value()).status, 413);
  const std::string texts = "[" + Repeat("\"a text of some length, as they are\",", 500'000) + "\"\"]";
  EXPECT_TRUE(std::holds_alternative<const boost::json::value*>(JsonBody(texts).Value()));
}

}  // namespace
}  // namespace verdict
