#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "security/api_keys.h"
#include "security/caller.h"
#include "security/certificate_names.h"
#include "security/file_watcher.h"
#include "security/jwks.h"
#include "security/jwt.h"
#include "security/reloadable.h"
#include "security/roles.h"

namespace verdict {

// What a request brings along.
struct Credentials {
  std::optional<std::string_view> api_key = {};           // of x-api-key
  std::optional<std::string_view> authorization = {};     // of Authorization; an API key or a token behind "Bearer"
  const std::vector<std::string>* certificate = nullptr;  // names in a client's verified certificate; null: it has none
  std::optional<std::string_view> client_id = {};         // of x-client-id; counts from callers with Role::kDelegate alone
};

// Who may do what. Nothing configured: everybody may do everything, as without this class. Thread-safe.
class Access {
 public:
  struct Options {
    std::string api_keys_file = {};
    std::string gateway_key_hash = {};          // one more key with all roles: that of the gateway of `serve`. Empty: none
    bool certificates = false;                  // whether clients' certificates are verified
    std::string client_certificates_file = {};  // which names may do what; empty: none but those below
    std::string jwks_file = {};                 // keys that sign tokens; empty: there are no tokens
    JwtRules jwt = {};
    Roles certificate_roles = {};  // of a verified certificate that the file does not name
    Roles anonymous_roles = {};    // of callers without a credential
  };

  // Reads the files, and has them watched. Errors name the file.
  static absl::StatusOr<std::shared_ptr<const Access>> Create(Options options, FileWatcher& files);

  // Whether anything is configured.
  bool restricted() const { return restricted_; }

  struct Decision {
    // OK, kUnauthenticated or kPermissionDenied, with one sentence for the caller that is the same whatever is wrong with a
    // credential.
    absl::Status status;
    std::string caller = {};  // its name, where it is known
    // Whose request it is, for the sharing of the lanes, where it is let in: the caller's name, or the one that a caller with
    // Role::kDelegate gives; visible characters, 128 at most. Empty: nobody is known.
    std::string client = {};
    std::string_view reason = {};  // of a refusal, for the log
    bool presented = false;        // whether there was a credential at all
  };
  // A credential that is presented decides, even where a certificate or nothing at all would have done: a wrong key is an error.
  Decision Decide(const Credentials& credentials, Role needed) const;

  // What was refused so far, by why.
  struct Refusals {
    uint64_t none = 0;  // there was no credential
    uint64_t not_valid = 0;
    uint64_t role_missing = 0;
  };
  Refusals refusals() const { return {none_, not_valid_, role_missing_}; }

 private:
  explicit Access(Options options) : options_(std::move(options)) {}

  struct Found;
  Found FindCaller(const Credentials& credentials) const;
  Found FindKey(std::string_view key) const;
  Found FindToken(std::string_view token) const;
  absl::Status LoadKeys();
  absl::Status LoadNames();
  absl::Status LoadJwks();

  const Options options_;
  bool restricted_ = false;
  Reloadable<ApiKeys> keys_;
  Reloadable<CertificateNames> names_;
  Reloadable<Jwks> jwks_;
  mutable std::atomic<uint64_t> none_ = 0, not_valid_ = 0, role_missing_ = 0;
};

}  // namespace verdict
