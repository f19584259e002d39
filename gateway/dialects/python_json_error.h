#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace verdict {

// What Python's json.loads says of a text that is no JSON.
struct PythonJsonError {
  size_t position = 0;       // in characters, from 0
  std::string_view message;  // static: "Expecting value"
};

// The first error that CPython 3.11 finds in `json` (well-formed UTF-8, without a byte order mark), with two differences: NaN,
// Infinity and -Infinity are errors ("Expecting value"), and so is, where there is no other, half of a surrogate pair ("Invalid
// \uXXXX escape"). Nothing where there is no error, or where values are nested deeper than kMaxJsonDepth before the first one.
std::optional<PythonJsonError> FindPythonJsonError(std::string_view json);

}  // namespace verdict
