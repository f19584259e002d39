// Bodies of records: two bytes of decisions, then the body. However it arrives, its records are the same.
#include <memory>
#include <string>
#include <vector>

#include "boost/json/parse.hpp"
#include "common/utf8.h"
#include "gateway/records/csv_reader.h"
#include "gateway/records/record_reader.h"
#include "gateway/records/record_writer.h"
#include "tests/fuzz/fuzz_target.h"

namespace verdict {
namespace {

std::unique_ptr<RecordReader> MakeReader(uint8_t decisions) {
  const RecordLimits limits{.record_bytes = (decisions & 1) != 0 ? size_t{24} : size_t{1} << 20};
  switch (decisions / 2 % 8) {
    case 0:
      return MakeJsonLinesReader(limits);
    case 1:
      return MakeTextLinesReader(limits);
    case 2:
      return MakeWholeTextReader(limits);
    default: {
      const auto header = static_cast<CsvOptions::Header>(decisions / 16 % 3);
      return MakeCsvReader({.header = header, .lines = decisions / 2 % 8 == 3}, limits);
    }
  }
}

std::vector<Record> Read(uint8_t decisions, std::string_view body, uint32_t slices) {
  std::vector<Record> records;
  const auto reader = MakeReader(decisions);
  for (Slicer slicer(body, slices); !slicer.AtEnd();) reader->Read(slicer.Next(), records);
  reader->Finish(records);
  return records;
}

std::string Text(const std::vector<Record>& records) {
  std::string text;
  for (const Record& record : records) {
    text += std::to_string(static_cast<int>(record.kind)) + "|" + record.input.text + "|";
    text += record.input.text_pair.value_or("-") + "|" + record.error + "\n";
  }
  return text;
}

void CheckAnswer(const std::vector<Record>& records, RecordFormat::Kind kind) {
  RecordWriter writer(RecordFormat{.kind = kind});
  std::string out;
  writer.Begin(out);
  for (const Record& record : records) {
    if (record.kind == Record::Kind::kBlank) {
      writer.Blank(out);
    } else if (record.kind == Record::Kind::kBad) {
      writer.Error(out, 400, record.error);
    } else {
      writer.Result(out, {.labels = {{record.input.text, 0.5F, 0}}});
    }
  }
  writer.End(out);
  if (kind != RecordFormat::Kind::kJsonArray) return;
  boost::json::error_code error;
  const boost::json::value value = boost::json::parse({out.data(), out.size()}, error);
  Expect(!error && value.is_array() && value.get_array().size() == records.size(), "an array answers every record");
}

}  // namespace

void Fuzz(std::string_view bytes) {
  FuzzInput input(bytes);
  const uint8_t decisions = input.Byte();
  const uint32_t slices = 1u + input.Byte();
  const std::vector<Record> whole = Read(decisions, input.Rest(), 0);
  ExpectSame(Text(whole), Text(Read(decisions, input.Rest(), slices)), "slices do not decide what the records are");
  for (const Record& record : whole) {
    Expect(!FindInvalidUtf8(record.input.text) && !FindInvalidUtf8(record.input.text_pair.value_or("")), "a record is text");
    Expect(record.kind != Record::Kind::kBad || !record.error.empty(), "a bad record says what is wrong");
  }
  CheckAnswer(whole, RecordFormat::Kind::kJsonLines);
  CheckAnswer(whole, RecordFormat::Kind::kJsonArray);
  CheckAnswer(whole, RecordFormat::Kind::kCsv);
}

}  // namespace verdict
