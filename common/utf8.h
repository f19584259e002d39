#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace verdict {

// Byte offset of the first byte that does not continue well-formed UTF-8 (Unicode 15, table 3-7: no overlong forms, no
// surrogates, nothing above U+10FFFF), or nothing when all of `text` is well formed.
std::optional<size_t> FindInvalidUtf8(std::string_view text);

}  // namespace verdict
