#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "security/caller.h"
#include "security/openssl.h"

namespace verdict {

// The names that a certificate proves: "uri:…", "dns:…" and "email:…" of its subject alternative names in their order, then
// "cn:…" of its subject. Left out is what nobody should go by: an empty name, a very long one, and one with a zero in it, which
// says one thing to one reader and another to the next.
std::vector<std::string> NamesOf(const X509& certificate);

// Which names in clients' certificates may do what. Immutable.
class CertificateNames {
 public:
  // Lines "NAME ROLES", the name as NamesOf has it; blank ones, and comments that begin with "#". Errors: kInvalidArgument with
  // the line's number.
  static absl::StatusOr<CertificateNames> Parse(std::string_view text);

  // The first of the names that has a line; null: none has.
  const Caller* Find(const std::vector<std::string>& names) const;

 private:
  absl::flat_hash_map<std::string, Caller> callers_;
};

}  // namespace verdict
