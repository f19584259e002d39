#pragma once

#include <string>
#include <string_view>

#include "gateway/http/problem.h"

namespace verdict {

// The string member `name` of the JSON object `json`, as UTF-8. Other members are checked for syntax and dropped as they are
// read, so what a body costs is bounded by its size; of members with the same name the last one counts, as in Python. A byte
// order mark is skipped. Problems are 400 and say what is wrong and where: not UTF-8, half a surrogate pair, no JSON, nested
// deeper than 32 levels, no object, the member missing or no string.
ProblemOr<std::string> ReadTextMember(std::string_view json, std::string_view name);

}  // namespace verdict
