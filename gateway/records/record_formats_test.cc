#include "gateway/records/record_formats.h"

#include "gateway/http/testing/make_request.h"
#include "gateway/records/testing/read_records.h"
#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Kind = RecordFormat::Kind;

constexpr Kind kLines = Kind::kJsonLines, kArray = Kind::kJsonArray, kCsv = Kind::kCsv, kObject = Kind::kJsonObject;

HttpRequest Head(std::string_view content_type, std::string_view accept = "") {
  HttpRequest head = MakeRequest("", content_type);
  if (!accept.empty()) head.headers.Add("Accept", accept);
  return head;
}

RecordReading Good(const HttpRequest& head, const RecordSettings& settings = {}) {
  ProblemOr<RecordReading> reading = ReadRecordHead(head, settings);
  if (const auto* problem = std::get_if<Problem>(&reading)) ADD_FAILURE() << problem->detail;
  return std::get<RecordReading>(std::move(reading));
}

Problem Bad(const HttpRequest& head, const RecordSettings& settings = {}) {
  ProblemOr<RecordReading> reading = ReadRecordHead(head, settings);
  const auto* problem = std::get_if<Problem>(&reading);
  EXPECT_NE(problem, nullptr);
  return problem != nullptr ? *problem : Problem{0, {}};
}

TEST(RecordFormatsTest, TakesBodiesOfRecordsOnly) {
  for (const char* type : {"application/jsonlines", "application/json-lines", "application/jsonl", "application/x-ndjson",
                           "application/ndjson", "Text/CSV; header=present", "text/plain;charset=utf-8"}) {
    EXPECT_TRUE(HasRecords(Head(type), {})) << type;
  }
  for (const char* type : {"", "application/json", "application/xml", "application/octet-stream", "multipart/form-data"}) {
    EXPECT_FALSE(HasRecords(Head(type), {})) << type;
  }
  const RecordSettings batch{.batch = true};
  for (const char* type : {"", "application/json", "application/json; charset=utf-8", "text/csv"}) {
    EXPECT_TRUE(HasRecords(Head(type), batch)) << type;
  }
  EXPECT_FALSE(HasRecords(Head("application/xml"), batch));
}

struct Row {
  const char* content_type;
  const char* accept;
  Kind kind;
  const char* media_type;
};

TEST(RecordFormatsTest, TheAnswerIsWhatAcceptAsksForElseAsTheRequest) {
  const Row rows[] = {
      {"application/jsonlines", "", kLines, "application/jsonlines"},
      {"application/x-ndjson", "*/*", kLines, "application/x-ndjson"},
      {"text/csv", "", kCsv, "text/csv"},
      {"text/plain", "", kObject, "application/json"},
      {"application/jsonlines", "application/json", kArray, "application/json"},
      {"text/csv", "application/json", kArray, "application/json"},
      {"text/plain", "application/json", kObject, "application/json"},
      {"text/plain", "text/csv", kCsv, "text/csv"},
      {"text/csv", "application/ndjson", kLines, "application/ndjson"},
      {"application/jsonlines", "text/*", kCsv, "text/csv"},
      {"text/csv", "application/*", kArray, "application/json"},
      {"application/jsonl", "application/*", kLines, "application/jsonl"},
      {"application/jsonlines", "text/csv;q=0.5, application/json;q=0.9", kArray, "application/json"},
      {"application/jsonlines", "text/html, */*;q=0.1", kLines, "application/jsonlines"},
      {"application/jsonlines", "application/jsonlines;q=0, */*", kArray, "application/json"},
  };
  for (const Row& row : rows) {
    const RecordFormat format = Good(Head(row.content_type, row.accept)).format;
    EXPECT_EQ(format.kind, row.kind) << row.content_type << " " << row.accept;
    EXPECT_EQ(format.media_type, row.media_type) << row.content_type << " " << row.accept;
  }
}

TEST(RecordFormatsTest, TheOperatorsChoiceIsForWhoHasNone) {
  const RecordSettings settings{.default_accept = "text/csv; header=present"};
  for (const char* accept : {"", "*/*"}) {
    EXPECT_EQ(Good(Head("application/jsonlines", accept), settings).format.kind, kCsv);
    EXPECT_TRUE(Good(Head("application/jsonlines", accept), settings).format.header);
    EXPECT_EQ(DocumentFormat(Head("", accept), settings).kind, kCsv);
  }
  EXPECT_EQ(Good(Head("application/jsonlines", "application/jsonl"), settings).format.kind, kLines);
}

TEST(RecordFormatsTest, ADocumentIsAnsweredInJsonUnlessAcceptFits) {
  for (const char* accept : {"", "*/*", "application/json", "text/html", "application/xml;q=1", "application/*"}) {
    EXPECT_EQ(DocumentFormat(Head("", accept), {}).kind, kObject) << accept;
  }
  EXPECT_EQ(DocumentFormat(Head("", "text/csv"), {}).kind, kCsv);
  EXPECT_EQ(DocumentFormat(Head("", "application/jsonlines"), {}).kind, kLines);
  EXPECT_FALSE(DocumentFormat(Head("", "text/csv"), {}).header);
  EXPECT_TRUE(DocumentFormat(Head("", "text/csv;header=present"), {}).header);
}

TEST(RecordFormatsTest, InBatchTransformEveryLineIsARecord) {
  const RecordSettings batch{.batch = true};
  const RecordReading text = Good(Head("text/plain"), batch);
  EXPECT_EQ(text.format.kind, kLines);
  EXPECT_FALSE(text.single);
  EXPECT_THAT(ReadRecords(*text.reader, "a\nb\n", 9), ElementsAre("a", "b"));
  const RecordReading json = Good(Head("application/json", "application/json"), batch);
  EXPECT_TRUE(json.maybe_document);
  EXPECT_EQ(json.format.kind, kLines);
  EXPECT_EQ(json.format.media_type, "application/json");
  EXPECT_THAT(ReadRecords(*Good(Head("text/csv"), batch).reader, "\"a\nb\n", 9), ElementsAre(HasSubstr("not closed"), "b"));
  EXPECT_TRUE(Good(Head("text/plain")).single);
}

TEST(RecordFormatsTest, TheHeaderParameterIsHeeded) {
  EXPECT_THAT(ReadRecords(*Good(Head("text/csv; header=absent")).reader, "text\na\n", 99), ElementsAre("text", "a"));
  EXPECT_THAT(ReadRecords(*Good(Head("text/csv; header=present")).reader, "x\na\n", 99), ElementsAre("a"));
  EXPECT_EQ(Bad(Head("text/csv; header=maybe")).status, 415);
}

TEST(RecordFormatsTest, RefusesWhatCannotBeReadOrWritten) {
  EXPECT_EQ(Bad(Head("text/csv; charset=latin1")).status, 415);
  HttpRequest packed = Head("text/csv");
  packed.headers.Add("Content-Encoding", "gzip");
  EXPECT_EQ(Bad(packed).status, 415);
  const Problem unwritten = Bad(Head("text/csv", "text/html, application/xml"));
  EXPECT_EQ(unwritten.status, 406);
  EXPECT_THAT(unwritten.detail, HasSubstr("text/csv"));
  EXPECT_EQ(Bad(Head("text/csv", "text/csv;q=0")).status, 406);
}

TEST(RecordFormatsTest, TheLimitOfARecordIsTheOperators) {
  const RecordSettings settings{.limits = {.record_bytes = 5}};
  for (const char* type : {"application/jsonlines", "text/csv", "text/plain"}) {
    EXPECT_THAT(ReadRecords(*Good(Head(type), settings).reader, "123456", 99), ElementsAre(HasSubstr("longer than 5")));
  }
}

}  // namespace
}  // namespace verdict
