#include "security/caller.h"

#include <algorithm>
#include <cctype>

namespace verdict {

bool IsCallerName(std::string_view name) {
  return !name.empty() && name.size() <= 128 && std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("._@:/-").find(c) != std::string_view::npos;
  });
}

}  // namespace verdict
