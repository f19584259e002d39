#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace verdict {

// The value of the first parameter `name` of a query ("limit=10&next_page_token=20"), decoded: percent escapes, and plus as
// space. Nothing when there is no such parameter, or its escapes do not hold.
std::optional<std::string> QueryParameter(std::string_view query, std::string_view name);

}  // namespace verdict
