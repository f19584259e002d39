#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/http_message.h"

namespace verdict {

// One media range of Accept: "text/csv; header=present; q=0.5".
struct MediaRange {
  std::string type;        // lower case, "text/csv", "text/*", "*/*"
  std::string parameters;  // as they came, for MediaParameter
  int weight = 1000;       // q in thousandths; 0: not acceptable
};

// The ranges of all Accept fields, the heaviest first, those of one weight in their order. A range whose q is no number from 0 to
// 1 says nothing and is left out. Empty without the field.
std::vector<MediaRange> ParseAccept(const HttpRequest& request);

// The value, lower case and without quotes, of parameter `name` in "type; a=b; c=d"; empty: not given.
std::string MediaParameter(std::string_view media, std::string_view name);

}  // namespace verdict
