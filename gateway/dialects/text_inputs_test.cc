#include "gateway/dialects/text_inputs.h"

#include "boost/json/parse.hpp"
#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;

template <typename T>
std::string Detail(const ProblemOr<T>& read) {
  const auto* problem = std::get_if<Problem>(&read);
  return problem == nullptr ? "none" : std::to_string(problem->status) + " " + problem->detail;
}

boost::json::value Json(const char* text) { return boost::json::parse(text); }

TEST(TextInputsTest, PlacesAreWrittenAsPeopleWriteThem) {
  EXPECT_EQ(ToString({"inputs"}), "inputs");
  EXPECT_EQ(ToString({"inputs", 3}), "inputs[3]");
  EXPECT_EQ(ToString({"inputs", 3, "text"}), "inputs[3].text");
}

TEST(TextInputsTest, TheWrongTypeIsNamed) {
  const std::pair<const char*, const char*> cases[] = {{"null", "null"},
                                                       {"true", "a boolean"},
                                                       {"-1", "a number"},
                                                       {"1.5", "a number"},
                                                       {"[]", "an array"},
                                                       {"{}", "an object"},
                                                       {"18446744073709551615", "a number"}};
  for (const auto& [json, name] : cases) {
    EXPECT_EQ(Detail(ReadText(Json(json), {"inputs", 3, "text"})),
              std::string("400 inputs[3].text must be a string, not ") + name);
  }
}

TEST(TextInputsTest, TextKeepsWhatStringsMayHold) {
  const auto text = ReadText(Json(R"("a\u0000\ud83d\ude42")"), {"x"});
  EXPECT_EQ(std::get<std::string>(text), std::string("a\0🙂", 6));
}

TEST(TextInputsTest, AnObjectIsATextOrAPair) {
  const auto pair = ReadTextObject(Json(R"({"text_pair":"","text":"a"})").as_object(), {"x"});
  EXPECT_EQ(std::get<ClassifyCall::Input>(pair).text, "a");
  EXPECT_EQ(std::get<ClassifyCall::Input>(pair).text_pair, "");
  const auto single = ReadTextObject(Json(R"({"data":"a","text_pair":null})").as_object(), {"x"}, "data");
  EXPECT_EQ(std::get<ClassifyCall::Input>(single).text, "a");
  EXPECT_EQ(std::get<ClassifyCall::Input>(single).text_pair, std::nullopt);
}

TEST(TextInputsTest, AnObjectOfAnotherFormIsRefused) {
  const auto detail = [](const char* json) { return Detail(ReadTextObject(Json(json).as_object(), {"inputs", 1})); };
  EXPECT_EQ(detail("{}"), "400 inputs[1].text is missing");
  EXPECT_EQ(detail(R"({"text_pair":"a"})"), "400 inputs[1].text is missing");
  EXPECT_EQ(detail(R"({"text":null})"), "400 inputs[1].text must be a string, not null");
  EXPECT_EQ(detail(R"({"text":"a","text_pair":7})"), "400 inputs[1].text_pair must be a string, not a number");
  EXPECT_THAT(detail(R"({"text":"a","txt":"b"})"), HasSubstr("inputs[1].txt is not known here"));
}

TEST(TextInputsTest, AListIsATextOrAPair) {
  const auto detail = [](const char* json) { return Detail(ReadTextList(Json(json).as_array(), {"inputs", 1})); };
  EXPECT_EQ(detail(R"(["a"])"), "none");
  EXPECT_EQ(detail(R"(["a","b"])"), "none");
  EXPECT_THAT(detail("[]"), HasSubstr("not 0"));
  EXPECT_THAT(detail(R"(["a","b","c"])"), HasSubstr("not 3"));
  EXPECT_EQ(detail(R"(["a",1])"), "400 inputs[1][1] must be a string, not a number");
}

TEST(TextInputsTest, TheFirstBadElementOfAListIsNamed) {
  const auto read = [](const boost::json::value& value, const JsonPlace& place) -> ProblemOr<ClassifyCall::Input> {
    auto text = ReadText(value, place);
    if (auto* problem = std::get_if<Problem>(&text)) return *problem;
    return ClassifyCall::Input{std::get<std::string>(text), std::nullopt};
  };
  EXPECT_EQ(std::get<0>(ReadInputs(Json(R"(["a","b"])").as_array(), "inputs", read)).size(), 2u);
  EXPECT_EQ(Detail(ReadInputs(Json(R"(["a",null,1])").as_array(), "inputs", read)), "400 inputs[1] must be a string, not null");
  const boost::json::array many(kMaxTexts + 1, boost::json::value("a"));
  EXPECT_THAT(Detail(ReadInputs(many, "inputs", read)), HasSubstr("at most 100000"));
}

TEST(TextInputsTest, PlainTextHasToBeUtf8) {
  EXPECT_EQ(std::get<std::string>(ReadPlainText("{\"é")), "{\"é");
  EXPECT_EQ(std::get<std::string>(ReadPlainText("\xEF\xBB\xBF"
                                                "a")),
            "a");
  EXPECT_THAT(Detail(ReadPlainText("a\xff")), HasSubstr("400 the text is not valid UTF-8 at byte 1"));
}

}  // namespace
}  // namespace verdict
