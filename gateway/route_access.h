#pragma once

#include <optional>
#include <string_view>

#include "gateway/dialects/dialect.h"
#include "security/roles.h"

namespace verdict {

// What a caller must be allowed to use a route that does not classify; nothing for health, which load balancers and orchestrators
// ask without credentials. Routes that classify need Role::kInference.
std::optional<Role> RoleOfQuery(std::string_view method, const QueryRoute& route);

}  // namespace verdict
