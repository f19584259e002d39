#include "gateway/records/record_writer.h"

#include "gtest/gtest.h"

namespace verdict {
namespace {

using Kind = RecordFormat::Kind;

ClassifyReply::Result Result(std::string label, float score) {
  ClassifyReply::Result result;
  result.labels.push_back({std::move(label), score, 0});
  result.labels.push_back({"second", 0.1f, 1});
  return result;
}

// An answer with a result, a blank record, an error and another result.
std::string Answer(RecordFormat format) {
  RecordWriter writer(format);
  std::string out;
  writer.Begin(out);
  writer.Result(out, Result("a, \"b\"", 0.5f));
  writer.Blank(out);
  writer.Error(out, 400, "no\n\"good\"");
  writer.Result(out, Result("c", 1));
  writer.End(out);
  return out;
}

TEST(RecordWriterTest, JsonLinesHasALineForEach) {
  EXPECT_EQ(Answer({Kind::kJsonLines}),
            "{\"prediction\":{\"label\":\"a, \\\"b\\\"\",\"probability\":0.5}}\n"
            "\n"
            "{\"error\":{\"code\":400,\"message\":\"no\\n\\\"good\\\"\"}}\n"
            "{\"prediction\":{\"label\":\"c\",\"probability\":1.0}}\n");
}

TEST(RecordWriterTest, JsonIsOneArray) {
  EXPECT_EQ(Answer({Kind::kJsonArray}),
            R"([{"prediction":{"label":"a, \"b\"","probability":0.5}},null,{"error":{"code":400,"message":"no\n\"good\""}},)"
            R"({"prediction":{"label":"c","probability":1.0}}])");
  RecordWriter nothing(RecordFormat{Kind::kJsonArray});
  std::string out;
  nothing.Begin(out);
  nothing.End(out);
  EXPECT_EQ(out, "[]");
}

TEST(RecordWriterTest, CsvQuotesAndHasNoLineBreakInARecord) {
  const std::string lines = "\"a, \"\"b\"\"\",0.5\n\nERROR,\"no \"\"good\"\"\"\nc,1.0\n";
  EXPECT_EQ(Answer({Kind::kCsv}), lines);
  EXPECT_EQ(Answer({Kind::kCsv, "text/csv", /*header=*/true}), "label,probability\n" + lines);
}

TEST(RecordWriterTest, ACascadeIsExplainedInJson) {
  ClassifyReply::Result result = Result("7", 0.5f);
  result.cascade_steps.push_back({"general", "1", "7", 0.5f, "answered"});
  RecordWriter writer(RecordFormat{Kind::kJsonLines});
  std::string out;
  writer.Result(out, result);
  EXPECT_EQ(out, R"({"prediction":{"label":"7","probability":0.5},"cascade":[{"model":"general","model_version":"1","label":"7",)"
                 R"("probability":0.5,"outcome":"answered"}]})"
                 "\n");
}

}  // namespace
}  // namespace verdict
