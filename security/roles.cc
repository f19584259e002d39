#include "security/roles.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/utf8.h"

namespace verdict {
namespace {

constexpr std::array<std::pair<Role, std::string_view>, 6> kNames = {{{Role::kInference, "inference"},
                                                                      {Role::kModelsRead, "models-read"},
                                                                      {Role::kAdmin, "admin"},
                                                                      {Role::kMetrics, "metrics"},
                                                                      {Role::kDocs, "docs"},
                                                                      {Role::kDelegate, "delegate"}}};

// A word of a file or an option, as a line of the log may have it.
std::string Shown(std::string_view word) {
  std::string shown = Shortened(word);
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
  return shown;
}

}  // namespace

std::string_view RoleName(Role role) {
  for (const auto& [known, name] : kNames) {
    if (known == role) return name;
  }
  return "?";
}

bool FindRole(std::string_view name, Role& role) {
  for (const auto& [known, known_name] : kNames) {
    if (known_name != name) continue;
    role = known;
    return true;
  }
  return false;
}

std::string RoleNames() {
  std::string names;
  for (const auto& [role, name] : kNames) absl::StrAppend(&names, std::string(name), ", ");
  return names + "and * for all";
}

absl::StatusOr<Roles> ParseRoles(std::string_view names) {
  if (names == "*") return Roles::All();
  Roles roles;
  const std::vector<std::string> words = absl::StrSplit(std::string(names), ',', absl::SkipWhitespace());
  for (const std::string& name : words) {
    Role role;
    if (!FindRole(name, role)) {
      return absl::InvalidArgumentError(absl::StrCat("\"", Shown(name), "\" is no role; there are ", RoleNames()));
    }
    roles.Add(role);
  }
  return roles;
}

}  // namespace verdict
