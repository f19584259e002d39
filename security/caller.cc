#include "security/caller.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace verdict {

bool IsCallerName(std::string_view name) {
  return !name.empty() && name.size() <= 128 && std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("._@:/-").find(c) != std::string_view::npos;
  });
}

bool HasReservedPrefix(std::string_view name) {
  constexpr std::array<std::string_view, 5> kPrefixes = {kJwtName, "uri:", "dns:", "email:", "cn:"};
  return std::any_of(kPrefixes.begin(), kPrefixes.end(), [&](std::string_view prefix) { return name.starts_with(prefix); });
}

}  // namespace verdict
