#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/records/record_reader.h"

namespace verdict {

// What a reader finds in a body that comes in pieces of that size, each record as a short text: "text", "text|pair", "-" for a
// blank one, "! why" for a bad one.
inline std::vector<std::string> ReadRecords(RecordReader& reader, std::string_view body, size_t piece) {
  std::vector<Record> records;
  for (; !body.empty(); body.remove_prefix(std::min(piece, body.size()))) reader.Read(body.substr(0, piece), records);
  reader.Finish(records);
  std::vector<std::string> texts;
  for (const Record& record : records) {
    if (record.kind == Record::Kind::kBlank) {
      texts.emplace_back("-");
    } else if (record.kind == Record::Kind::kBad) {
      texts.push_back("! " + record.error);
    } else {
      texts.push_back(record.input.text + (record.input.text_pair ? "|" + *record.input.text_pair : ""));
    }
  }
  return texts;
}

// The same, however the body is cut; what it is when cut nowhere.
template <typename Make>
std::vector<std::string> ReadHoweverCut(const Make& make, std::string_view body) {
  const auto whole = ReadRecords(*make(), body, body.size() + 1);
  for (const size_t piece : {1, 2, 3, 7}) {
    const auto reader = make();
    if (ReadRecords(*reader, body, piece) != whole) return {"differs when it comes in pieces of " + std::to_string(piece)};
  }
  return whole;
}

}  // namespace verdict
