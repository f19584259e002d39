#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "security/openssl.h"

namespace verdict {

// How a token may be signed: with keys of which this program has the public half alone. There is no "none", and no HS256, whose
// key would be a secret that every verifier could sign with.
enum class JwtAlgorithm { kRs256, kPs256, kEs256, kEdDsa };

// The algorithm that RFC 7518 and 8037 call so; nothing for all others.
std::optional<JwtAlgorithm> FindJwtAlgorithm(std::string_view name);

// The public keys of a JSON Web Key Set (RFC 7517). Immutable.
class Jwks {
 public:
  // Keys for other uses, of other kinds, or damaged ones are left out; none that is left is an error, as is what is no key set.
  static absl::StatusOr<Jwks> Parse(std::string_view json);

  // The key of that id that can verify that algorithm. Without an id: the only key that can. Null: there is none.
  EVP_PKEY* Find(const std::optional<std::string>& id, JwtAlgorithm algorithm) const;

  size_t size() const { return keys_.size(); }

 private:
  struct Key {
    std::optional<std::string> id;
    std::vector<JwtAlgorithm> algorithms;
    KeyPtr key;
  };
  static std::optional<Key> Read(const void* json);  // a boost::json::object

  std::vector<Key> keys_;
};

// The bytes that base64url without padding (RFC 7515, 2) stands for; nothing where it is none.
std::optional<std::string> DecodeBase64Url(std::string_view text);

}  // namespace verdict
