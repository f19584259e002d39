#pragma once

#include <string>
#include <string_view>

namespace verdict {

// Appends `text` as a JSON string with its quotes: escapes only what JSON demands, so text that is not ASCII stays as it is, as
// Python's json.dumps(ensure_ascii=False) writes it. Bytes that are not UTF-8 become U+FFFD.
void AppendJsonString(std::string& out, std::string_view text);

}  // namespace verdict
