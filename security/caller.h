#pragma once

#include <string>
#include <string_view>

#include "security/roles.h"

namespace verdict {

// Who calls, once it is known. Names of different credentials differ: those of tokens and certificates begin with what they are
// names of ("jwt:", "dns:"), and those of keys with none of it.
struct Caller {
  std::string name;  // for the log, and for the sharing of the lanes; nothing secret
  Roles roles;
};

// 1 to 128 letters, digits and "._@:/-": what may stand in a log line without harm.
bool IsCallerName(std::string_view name);

// Before the subject of a token.
inline constexpr char kJwtName[] = "jwt:";

// Whether it begins as the names of tokens and certificates do.
bool HasReservedPrefix(std::string_view name);

}  // namespace verdict
