#include "gateway/records/record_writer.h"

#include "absl/strings/str_cat.h"
#include "gateway/http/json_string.h"
#include "gateway/json/probability.h"
#include "gateway/records/cascade.h"

namespace verdict {
namespace {

// RFC 4180: quoted where it has to be.
void AppendCsvField(std::string& out, std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    // A line of the answer stands for a line of the request, so there is no line break even inside quotes.
    out += c == '\n' || c == '\r' ? ' ' : c;
  }
  out += '"';
}

}  // namespace

void AppendPrediction(std::string& out, const ClassifyReply::Result& result) {
  out += R"({"prediction":{"label":)";
  AppendJsonString(out, result.labels.front().label);
  out += R"(,"probability":)";
  AppendProbability(out, result.labels.front().score);
  out += '}';
  if (!result.cascade_steps.empty()) {
    out += R"(,"cascade":)";
    AppendCascadeSteps(out, result.cascade_steps);
  }
  out += '}';
}

void RecordWriter::Begin(std::string& out) const {
  if (format_.kind == RecordFormat::Kind::kJsonArray) out += '[';
  if (format_.kind == RecordFormat::Kind::kCsv && format_.header) out += "label,probability\n";
}

void RecordWriter::Separate(std::string& out) {
  if (!first_ && format_.kind == RecordFormat::Kind::kJsonArray) out += ',';
  first_ = false;
}

void RecordWriter::EndRecord(std::string& out) const {
  if (format_.kind == RecordFormat::Kind::kJsonLines || format_.kind == RecordFormat::Kind::kCsv) out += '\n';
}

void RecordWriter::Result(std::string& out, const ClassifyReply::Result& result) {
  Separate(out);
  if (format_.kind == RecordFormat::Kind::kCsv) {
    AppendCsvField(out, result.labels.front().label);
    out += ',';
    AppendProbability(out, result.labels.front().score);
  } else {
    AppendPrediction(out, result);
  }
  EndRecord(out);
}

void RecordWriter::Error(std::string& out, int code, std::string_view message) {
  Separate(out);
  if (format_.kind == RecordFormat::Kind::kCsv) {
    out += "ERROR,";
    AppendCsvField(out, message);
  } else {
    absl::StrAppend(&out, R"({"error":{"code":)", code, R"(,"message":)");
    AppendJsonString(out, message);
    out += "}}";
  }
  EndRecord(out);
}

void RecordWriter::Blank(std::string& out) {
  Separate(out);
  if (format_.kind == RecordFormat::Kind::kJsonArray) out += "null";
  EndRecord(out);
}

void RecordWriter::End(std::string& out) const {
  if (format_.kind == RecordFormat::Kind::kJsonArray) out += ']';
}

}  // namespace verdict
