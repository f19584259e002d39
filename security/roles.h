#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace verdict {

// What a route or a method needs, and what a caller is given. Health needs none.
enum class Role : uint8_t {
  kInference,   // "inference": classifies
  kModelsRead,  // "models-read": learns which models there are
  kAdmin,       // "admin": loads and unloads models
  kMetrics,     // "metrics": reads the metrics
  kDocs,        // "docs": the OpenAPI document and its pages; server reflection
  kDelegate,    // "delegate": says by x-client-id whose requests it passes on, as gateways and proxies do
};

std::string_view RoleName(Role role);

// A set of roles.
class Roles {
 public:
  constexpr Roles() = default;
  static constexpr Roles All() { return Roles(0x3F); }

  constexpr void Add(Role role) { bits_ |= Bit(role); }
  constexpr void Add(Roles roles) { bits_ |= roles.bits_; }
  constexpr bool Has(Role role) const { return (bits_ & Bit(role)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  friend constexpr bool operator==(Roles, Roles) = default;

 private:
  constexpr explicit Roles(uint8_t bits) : bits_(bits) {}
  static constexpr uint8_t Bit(Role role) { return static_cast<uint8_t>(1U << static_cast<unsigned>(role)); }

  uint8_t bits_ = 0;
};

// The role of that name; false where there is none.
bool FindRole(std::string_view name, Role& role);

// "inference, models-read, …, and * for all".
std::string RoleNames();

// Names separated by commas; "*" is all of them, and nothing is none. Error: kInvalidArgument that names the word.
absl::StatusOr<Roles> ParseRoles(std::string_view names);

}  // namespace verdict
