#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace verdict {

// Where byte `offset` of `json` is, for a person: "byte 17 (line 2, column 5)". Bytes count from 0, lines and columns from 1;
// columns count characters.
std::string DescribePosition(std::string_view json, size_t offset);

// Offset of the first \uXXXX escape that is half of a surrogate pair without the other half.
std::optional<size_t> FindLoneSurrogate(std::string_view json);

}  // namespace verdict
