#include "gateway/records/record_reader.h"

#include "gateway/records/testing/read_records.h"
#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::vector<std::string> JsonLines(std::string_view body, size_t most = 1000) {
  return ReadHoweverCut([&] { return MakeJsonLinesReader({most}); }, body);
}
std::vector<std::string> TextLines(std::string_view body) {
  return ReadHoweverCut([&] { return MakeTextLinesReader({20}); }, body);
}

TEST(JsonLinesReaderTest, ReadsEveryShapeOfARecord) {
  EXPECT_THAT(JsonLines(R"({"text":"a"}
{"inputs": "b", "other": [1, {"text": 2}]}
"c \u00e9\n"
 {"text":"d","text_pair":"e"}
{"text":"f","text_pair":null}
{"text":""}
)"),
              ElementsAre("a", "b", "c é\n", "d|e", "f", ""));
}

TEST(JsonLinesReaderTest, EveryLineIsARecordHoweverItEnds) {
  EXPECT_THAT(JsonLines("\"a\"\n\"b\"\n"), ElementsAre("a", "b"));
  EXPECT_THAT(JsonLines("\"a\"\n\"b\""), ElementsAre("a", "b"));
  EXPECT_THAT(JsonLines("\"a\"\r\n\r\n \t\n\n\"b\"\r\n"), ElementsAre("a", "-", "-", "-", "b"));
  EXPECT_THAT(JsonLines("\n"), ElementsAre("-"));
  EXPECT_THAT(JsonLines("\xEF\xBB\xBF\"a\"\n"), ElementsAre("a"));
  EXPECT_THAT(JsonLines(""), IsEmpty());
}

TEST(JsonLinesReaderTest, ABadRecordSaysWhyAndTheNextIsRead) {
  const std::pair<const char*, const char*> rows[] = {
      {R"({"text":)", "the record is not valid JSON"},
      {"nonsense", "the record is not valid JSON at byte"},
      {"{\"text\":\"\xff\"}", "the record is not valid UTF-8 at byte 9"},
      {R"({"text":"\ud800"})", "half of a surrogate pair"},
      {"\"\\udc00\"", "half of a surrogate pair"},
      {R"({"text":"a"} {"text":"b"})", "something follows"},
      {R"({"text":1})", R"("text" must be a string, not a number)"},
      {R"({"inputs":["a"]})", R"("inputs" must be a string, not an array)"},
      {R"({"text":"a","text_pair":1})", R"("text_pair" must be a string)"},
      {R"({"text":"a","inputs":"b"})", "both"},
      {"{}", R"(no member "text" or "inputs")"},
      {"[\"a\"]", "an array"},
      {"17", "a number"},
      {"null", "null"},
  };
  for (const auto& [line, why] : rows) {
    EXPECT_THAT(JsonLines(std::string(line) + "\n\"next\"\n"), ElementsAre(HasSubstr(why), "next")) << line;
  }
  EXPECT_THAT(JsonLines(std::string(40, '[') + "\n\"next\""), ElementsAre(HasSubstr("nested deeper"), "next"));
}

TEST(JsonLinesReaderTest, ALongLineIsABadRecordAndCostsNoMemory) {
  const std::string exact = "\"" + std::string(18, 'a') + "\"";
  EXPECT_THAT(JsonLines(exact + "\r\n", 20), ElementsAre(std::string(18, 'a')));
  EXPECT_THAT(JsonLines(exact + "x\n\"b\"\n", 20), ElementsAre(HasSubstr("longer than 20 bytes"), "b"));
  EXPECT_THAT(JsonLines(std::string(5000, 'x') + "\n\"b\"", 20), ElementsAre(HasSubstr("longer than 20 bytes"), "b"));
  EXPECT_THAT(JsonLines(std::string(5000, 'x'), 20), ElementsAre(HasSubstr("longer than 20 bytes")));
}

TEST(TextLinesReaderTest, ALineIsAText) {
  EXPECT_THAT(TextLines("one\r\n\n two \n{\"text\":1}"), ElementsAre("one", "-", " two ", "{\"text\":1}"));
  EXPECT_THAT(TextLines("\xff\n" + std::string(21, 'x')), ElementsAre(HasSubstr("UTF-8 at byte 0"), HasSubstr("longer")));
}

TEST(WholeTextReaderTest, TheBodyIsTheText) {
  const auto read = [](std::string_view body) { return ReadHoweverCut([] { return MakeWholeTextReader({20}); }, body); };
  EXPECT_THAT(read("one\ntwo\n"), ElementsAre("one\ntwo\n"));
  EXPECT_THAT(read(""), ElementsAre(""));
  EXPECT_THAT(read(std::string(20, 'x')), ElementsAre(std::string(20, 'x')));
  EXPECT_THAT(read(std::string(21, 'x')), ElementsAre(StartsWith("! the record is longer")));
  EXPECT_THAT(read("a\xff"), ElementsAre(HasSubstr("byte 1")));
  EXPECT_THAT(read("\xEF\xBB\xBF"
                   "a"),
              ElementsAre("a"));
  EXPECT_THAT(read("\xEF\xBB\xBF" + std::string(20, 'x')), ElementsAre(std::string(20, 'x')));
}

TEST(WholeTextReaderTest, ATextThatIsTooLongIsKnownToBeAtOnce) {
  const auto reader = MakeWholeTextReader({20});
  std::vector<Record> records;
  reader->Read(std::string(20, 'x'), records);
  EXPECT_TRUE(records.empty());
  reader->Read("x", records);
  ASSERT_EQ(records.size(), 1u);
  EXPECT_THAT(records[0].error, HasSubstr("longer than 20 bytes"));
  reader->Read("more", records);
  reader->Finish(records);
  EXPECT_EQ(records.size(), 1u) << "it is said once";
}

}  // namespace
}  // namespace verdict
