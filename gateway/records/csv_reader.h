#pragma once

#include <memory>

#include "gateway/records/record_reader.h"

namespace verdict {

// How a body of CSV (RFC 4180) is read.
struct CsvOptions {
  enum class Header { kDetect, kPresent, kAbsent };

  // Of kDetect, the first record is a header where one of its fields is "text", "inputs" or "text_pair".
  Header header = Header::kDetect;
  bool lines = false;  // every line is a record: none has a line break inside quotes
};

// The text is in the column that the header calls "text", else in "inputs", else in the first; the pair, where there is one, in
// "text_pair". A line without a field is a blank record, a header none. A record of which a quote is not closed, or closed too
// early, or that lacks the column, is a bad one.
std::unique_ptr<RecordReader> MakeCsvReader(CsvOptions options, RecordLimits limits);

}  // namespace verdict
