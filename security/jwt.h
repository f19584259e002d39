#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "security/caller.h"
#include "security/jwks.h"

namespace verdict {

// What a token must say (RFC 7519), and where its roles stand.
struct JwtRules {
  std::string issuer = {};
  std::string audience = {};
  std::vector<JwtAlgorithm> algorithms = {JwtAlgorithm::kRs256, JwtAlgorithm::kPs256, JwtAlgorithm::kEs256, JwtAlgorithm::kEdDsa};
  absl::Duration leeway = absl::Seconds(30);  // by which clocks may differ
  std::string roles_claim = "scope";          // words between spaces, or a list
  std::string role_prefix = "verdict:";       // before a role's name there; other words are of no concern here
};

// Why a token does not count: for the log, without anything of the token.
struct BadToken {
  std::string_view reason;
};

// Whether a bearer token could be a JWT at all: three parts.
bool LooksLikeJwt(std::string_view token);

// Whose token it is and what they may do, once the signature, the times, the issuer and the audience are found right. The name is
// "jwt:" and the subject where it can be one, else something made of it.
std::variant<Caller, BadToken> VerifyJwt(std::string_view token, const Jwks& keys, const JwtRules& rules, absl::Time now);

}  // namespace verdict
