#pragma once

#include <string_view>

namespace verdict {

// The phrase of RFC 9110 for a status code; also the title of its problem details.
std::string_view ReasonPhrase(int status);

}  // namespace verdict
