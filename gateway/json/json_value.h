#pragma once

#include <string>

#include "boost/json/value.hpp"

namespace verdict {

// Appends a number as Python's repr writes a float: the shortest digits that read back as the same double, with a point or an
// exponent. What is not finite is null, because JSON has no word for it.
void AppendFloat(std::string& out, double number);

// Appends a value as JSON, as json.dumps(ensure_ascii=False, separators=(",", ":")) writes it.
void AppendJsonValue(std::string& out, const boost::json::value& value);

}  // namespace verdict
