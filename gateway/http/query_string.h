#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace verdict {

// What a form or a query has encoded: "a+b%21" is "a b!". Nothing where an escape does not hold.
std::optional<std::string> FormDecode(std::string_view text);

// The value of the first parameter `name` of a query ("limit=10&next_page_token=20"), decoded: percent escapes, and plus as
// space. Nothing when there is no such parameter, or its escapes do not hold.
std::optional<std::string> QueryParameter(std::string_view query, std::string_view name);

}  // namespace verdict
