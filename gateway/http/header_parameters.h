#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace verdict {

// One parameter of a header such as `form-data; name="data"`.
struct HeaderParameter {
  std::string name;   // lower case
  std::string value;  // without quotes and the backslashes inside them; empty: none, or an empty one
};

// What stands before the parameters, without space around it: "form-data".
std::string_view HeaderWithoutParameters(std::string_view header);

// All parameters in their order. Quotes are known: a semicolon inside them is part of the value.
std::vector<HeaderParameter> ReadHeaderParameters(std::string_view header);

// The value of the first parameter of that name, which is lower case.
std::optional<std::string> FindHeaderParameter(std::string_view header, std::string_view name);

}  // namespace verdict
