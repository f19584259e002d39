#pragma once

#include <cstddef>
#include <string_view>

namespace verdict {

// What Python's str says of a text, which is well-formed UTF-8.
size_t CountCodePoints(std::string_view text);  // len(text)
bool IsBlank(std::string_view text);            // not text.strip(): empty, or whitespace of Unicode only

}  // namespace verdict
