#pragma once

#include <string>
#include <string_view>

#include "security/roles.h"

namespace verdict {

// Who calls, once it is known.
struct Caller {
  std::string name;  // for the log; nothing secret
  Roles roles;
};

// 1 to 128 letters, digits and "._@:/-": what may stand in a log line without harm.
bool IsCallerName(std::string_view name);

}  // namespace verdict
