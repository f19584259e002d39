#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "security/caller.h"
#include "security/openssl.h"

namespace verdict {

// Adds a name of that kind ("dns:"), unless nobody should go by it: an empty one, a very long one, or one with a zero in it,
// which says one thing to one reader and another to the next.
void AddCertificateName(std::string_view kind, std::string_view name, std::vector<std::string>& names);

// The names that a certificate proves: "uri:…", "dns:…" and "email:…" of its subject alternative names, then "cn:…" of its
// subject.
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
