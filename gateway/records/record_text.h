#pragma once

#include <string>
#include <string_view>

#include "gateway/records/record_reader.h"

namespace verdict {

// What readers make of the text of one record.

// The record in one line of JSON Lines.
Record ReadJsonRecord(std::string_view line);

// The record of a plain text; a bad one where it is not UTF-8.
Record TextRecord(std::string text);

Record TooLongRecord(size_t most);

}  // namespace verdict
