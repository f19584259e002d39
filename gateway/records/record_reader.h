#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/client/classifier_client.h"

namespace verdict {

// One record of a body of many.
struct Record {
  enum class Kind { kInput, kBlank, kBad };

  Kind kind = Kind::kInput;
  ClassifyCall::Input input = {};
  std::string error = {};  // of a bad one: what is wrong with it, for its author

  static Record Blank() { return {Kind::kBlank, {}, {}}; }
  static Record Bad(std::string error) { return {Kind::kBad, {}, std::move(error)}; }
};

// Finds the records of a body that comes in pieces. What it keeps is bounded by the size of one record. Not thread-safe.
class RecordReader {
 public:
  virtual ~RecordReader() = default;

  // Appends the records that `bytes` complete.
  virtual void Read(std::string_view bytes, std::vector<Record>& records) = 0;
  // Appends the last record, where the body does not end with a line's end.
  virtual void Finish(std::vector<Record>& records) = 0;
};

struct RecordLimits {
  size_t record_bytes = 1 << 20;  // a longer record is a bad one
};

// A record is a line with a JSON object {"text": …} or {"inputs": …}, each a string, with or without a string "text_pair", or
// with a bare JSON string. Lines end with LF or CRLF; an empty one is a blank record.
std::unique_ptr<RecordReader> MakeJsonLinesReader(RecordLimits limits);

// A record is a line, and all of the line is the text.
std::unique_ptr<RecordReader> MakeTextLinesReader(RecordLimits limits);

// The body is one record, and all of it is the text.
std::unique_ptr<RecordReader> MakeWholeTextReader(RecordLimits limits);

}  // namespace verdict
