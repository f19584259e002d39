#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "gateway/http/problem.h"
#include "gateway/records/csv_reader.h"
#include "gateway/records/record_reader.h"
#include "gateway/records/record_writer.h"

namespace verdict {

// What the operator has chosen for bodies of records.
struct RecordSettings {
  bool batch = false;               // batch transform: every line is a record, of plain text, too, and of JSON documents
  std::string default_accept = {};  // the answer's media type where the caller has no preference; empty: that of the request
  RecordLimits limits = {};
};

// How one body of records is read and answered.
struct RecordReading {
  std::unique_ptr<RecordReader> reader;
  RecordFormat format;
  bool single = false;  // there is one record, so a bad one is a problem and no error line
  // Lines of JSON, or one document that may be of any contract: which, only the body tells.
  bool maybe_document = false;
};

// Whether a body is of records: JSON Lines, CSV and plain text are, and in batch transform JSON as well.
bool HasRecords(const HttpRequest& head, const RecordSettings& settings);

// Problems: 415 for a charset or coding that is not read, or a header parameter that is none; 406 where Accept names nothing that
// is written.
ProblemOr<RecordReading> ReadRecordHead(const HttpRequest& head, const RecordSettings& settings);

// The form of the answer to one JSON document: what Accept asks for first of what is written, else one JSON object.
RecordFormat DocumentFormat(const HttpRequest& head, const RecordSettings& settings);

// Whether records are written in this media type.
bool IsRecordType(std::string_view media_type);

}  // namespace verdict
