#include "gateway/records/csv_reader.h"

#include "gateway/records/testing/read_records.h"
#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Header = CsvOptions::Header;

std::vector<std::string> Csv(std::string_view body, CsvOptions options = {}, size_t most = 1000) {
  return ReadHoweverCut([&] { return MakeCsvReader(options, {most}); }, body);
}

TEST(CsvReaderTest, WithoutAHeaderTheFirstColumnIsTheText) {
  EXPECT_THAT(Csv("one,x\r\ntwo\n\"three\",y\n"), ElementsAre("one", "two", "three"));
  EXPECT_THAT(Csv("one"), ElementsAre("one"));
  EXPECT_THAT(Csv(""), IsEmpty());
}

TEST(CsvReaderTest, QuotesFollowTheStandard) {
  EXPECT_THAT(Csv("\"a, \"\"b\"\"\",x\n"), ElementsAre("a, \"b\""));
  EXPECT_THAT(Csv("\"two\nlines\r\nhere\"\nnext\n"), ElementsAre("two\nlines\r\nhere", "next"));
  EXPECT_THAT(Csv("\"\"\n\"\",x\n"), ElementsAre("", ""));
  EXPECT_THAT(Csv("5\" nail\n"), ElementsAre("5\" nail"));
}

TEST(CsvReaderTest, AByteOrderMarkIsNoPartOfTheFirstField) {
  EXPECT_THAT(Csv("\xEF\xBB\xBF\"a, b\",x\n"), ElementsAre("a, b"));
  EXPECT_THAT(Csv("\xEF\xBB\xBF\"text\",\"id\"\r\n\"a\nb\",1\r\n"), ElementsAre("a\nb"));
  EXPECT_THAT(Csv("\xEF\xBB\xBF" + std::string(20, 'a') + "\n", {}, 20), ElementsAre(std::string(20, 'a')));
  EXPECT_THAT(Csv("\xEF\xBB\xBF"), IsEmpty());
  EXPECT_THAT(Csv("\xEF\xBB"), ElementsAre(HasSubstr("UTF-8 at byte 0")));
  EXPECT_THAT(Csv("\xEF\xBB"
                  "a"),
              ElementsAre(HasSubstr("UTF-8 at byte 0")));
}

TEST(CsvReaderTest, OnlyALineEndFollowsTheReturnAfterAQuote) {
  EXPECT_THAT(Csv("\"a\"\r\"b\"\nnext\n"), ElementsAre(HasSubstr("follows the quote"), "next"));
  EXPECT_THAT(Csv("\"a\"\r,b\nnext\n"), ElementsAre(HasSubstr("follows the quote"), "next"));
  EXPECT_THAT(Csv("\"a\"\r\nnext\r\n"), ElementsAre("a", "next"));
  EXPECT_THAT(Csv("\"a\"\r"), ElementsAre("a"));
}

TEST(CsvReaderTest, AHeaderNamesTheColumns) {
  EXPECT_THAT(Csv("id,text\n1,a\n2,b\n"), ElementsAre("a", "b"));
  EXPECT_THAT(Csv("\xEF\xBB\xBFinputs,id\na,1\n"), ElementsAre("a"));
  EXPECT_THAT(Csv("text_pair, text \np,a\n"), ElementsAre("a|p"));
  EXPECT_THAT(Csv("text_pair,other\np,a\n"), ElementsAre("a|p"));
  EXPECT_THAT(Csv("inputs,text\nb,a\n"), ElementsAre("a"));
  EXPECT_THAT(Csv("\ntext\na\n"), ElementsAre("-", "a"));
}

TEST(CsvReaderTest, TheCallerMaySayWhetherThereIsOne) {
  EXPECT_THAT(Csv("text\na\n", {.header = Header::kAbsent}), ElementsAre("text", "a"));
  EXPECT_THAT(Csv("message,id\na,1\n", {.header = Header::kPresent}), ElementsAre("a"));
  EXPECT_THAT(Csv("id,text\n1,a\n", {.header = Header::kPresent}), ElementsAre("a"));
}

TEST(CsvReaderTest, BlankLinesStay) { EXPECT_THAT(Csv("a\n\n\r\nb\n\n"), ElementsAre("a", "-", "-", "b", "-")); }

TEST(CsvReaderTest, ByLinesAQuoteEndsWithItsLine) {
  EXPECT_THAT(Csv("\"open\nnext\n\"closed\"\n", {.lines = true}),
              ElementsAre(HasSubstr("a quote that opens a field is not closed"), "next", "closed"));
}

TEST(CsvReaderTest, BadRecordsSayWhy) {
  EXPECT_THAT(Csv("\"a\"b,c\nnext\n"), ElementsAre(HasSubstr("follows the quote"), "next"));
  EXPECT_THAT(Csv("id,text\n1\n2,b\n"), ElementsAre(HasSubstr("1 fields, and column 2"), "b"));
  EXPECT_THAT(Csv("\xff,x\nnext"), ElementsAre(HasSubstr("UTF-8 at byte 0"), "next"));
  EXPECT_THAT(Csv("text,text_pair\na,\xff\n"), ElementsAre(HasSubstr("UTF-8")));
  EXPECT_THAT(Csv(std::string(5000, ',') + "\nnext", {}, 10'000), ElementsAre(HasSubstr("more than 4096 fields"), "next"));
}

TEST(CsvReaderTest, ALongRecordIsABadOneUpToTheNextLine) {
  EXPECT_THAT(Csv(std::string(20, 'a') + "\r\n", {}, 20), ElementsAre(std::string(20, 'a')));
  EXPECT_THAT(Csv("\"" + std::string(18, 'a') + "\"\r\n", {}, 20), ElementsAre(std::string(18, 'a')));
  EXPECT_THAT(Csv(std::string(21, 'a') + "\nb\n", {}, 20), ElementsAre(HasSubstr("longer than 20"), "b"));
  // A quote that is never closed takes no more than a record may have.
  // Its line breaks are its own: what follows the closing quote is the next record.
  EXPECT_THAT(Csv("\"" + std::string(500, 'a') + "\nin\nit\",x\nb\nc\n", {}, 20),
              ElementsAre(HasSubstr("longer than 20"), "b", "c"));
  EXPECT_THAT(Csv("\"" + std::string(500, 'a') + "\nb\nc\n", {}, 20), ElementsAre(HasSubstr("longer than 20")));
  EXPECT_THAT(Csv("\"open", {}, 20), ElementsAre(HasSubstr("not closed")));
}

}  // namespace
}  // namespace verdict
