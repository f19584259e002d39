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

// All parameters in their order. Quotes are known: a semicolon inside them is part of the value. What only begins as a quoted
// string (its quote is not closed, or something follows) is no string: it stands as it came, quotes and all, until the semicolon.
std::vector<HeaderParameter> ReadHeaderParameters(std::string_view header);

// Takes the first element off a list "a, b;c=\"d, e\"", and the comma behind it: the element, without space around it. A
// quote that is not closed goes on to the end of the list.
std::string_view TakeListElement(std::string_view& list);

// The value of the first parameter of that name, which is lower case.
std::optional<std::string> FindHeaderParameter(std::string_view header, std::string_view name);

}  // namespace verdict
