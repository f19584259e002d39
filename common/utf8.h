#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace verdict {

// Byte offset of the first byte that does not continue well-formed UTF-8 (Unicode 15, table 3-7: no overlong forms, no
// surrogates, nothing above U+10FFFF), or nothing when all of `text` is well formed.
std::optional<size_t> FindInvalidUtf8(std::string_view text);

// `text` when it has at most `bytes` bytes, else its beginning, cut between two characters.
std::string_view Utf8Prefix(std::string_view text, size_t bytes);

// What an outside text becomes in a message or a log line: its first 200 bytes, and "…" when there are more.
std::string Shortened(std::string_view text);

}  // namespace verdict
