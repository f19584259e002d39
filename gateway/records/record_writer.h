#pragma once

#include <string>
#include <string_view>

#include "gateway/client/classifier_client.h"

namespace verdict {

// In what form results are written.
struct RecordFormat {
  enum class Kind {
    kJsonLines,   // one object a line
    kJsonArray,   // one array of them
    kCsv,         // "label,probability" a line
    kJsonObject,  // the one object that there is
  };

  Kind kind = Kind::kJsonLines;
  std::string_view media_type = "application/jsonlines";  // of the answer; static
  bool header = false;                                    // of CSV: names of the columns in the first line
};

// Appends {"prediction":{"label":…,"probability":…}}: the top label; behind it "cascade", its steps, where a cascade answered.
void AppendPrediction(std::string& out, const ClassifyReply::Result& result);

// Writes the answer to a body of records, one for each, in order. Not thread-safe.
class RecordWriter {
 public:
  explicit RecordWriter(RecordFormat format) : format_(format) {}

  void Begin(std::string& out) const;
  void Result(std::string& out, const ClassifyReply::Result& result);
  // JSON: {"error":{"code":400,"message":"…"}}. CSV: the label ERROR, and the message in place of the probability.
  void Error(std::string& out, int code, std::string_view message);
  // An empty line; null in an array.
  void Blank(std::string& out);
  void End(std::string& out) const;

 private:
  void Separate(std::string& out);
  void EndRecord(std::string& out) const;

  const RecordFormat format_;
  bool first_ = true;
};

}  // namespace verdict
