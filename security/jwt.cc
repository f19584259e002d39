#include "security/jwt.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "boost/json.hpp"
#include "openssl/ecdsa.h"
#include "openssl/err.h"
#include "openssl/rsa.h"
#include "security/api_keys.h"

namespace verdict {
namespace {

namespace json = boost::json;

using DigestPtr = std::unique_ptr<EVP_MD_CTX, OpenSslFree<EVP_MD_CTX_free>>;
using SignaturePtr = std::unique_ptr<ECDSA_SIG, OpenSslFree<ECDSA_SIG_free>>;

constexpr size_t kLongestToken = 16 * 1024;
constexpr size_t kDeepest = 8;
constexpr double kLatest = 1e11;  // seconds since 1970: beyond it a time is nonsense

struct Parts {
  std::string_view header, claims, signature, signed_text;
};

std::optional<Parts> Split(std::string_view token) {
  const size_t first = token.find('.');
  const size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) return std::nullopt;
  return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1), token.substr(second + 1),
               token.substr(0, second)};
}

std::optional<json::object> ReadObject(std::string_view encoded) {
  const auto text = DecodeBase64Url(encoded);
  if (!text) return std::nullopt;
  json::error_code error;
  json::value value = json::parse(json::string_view(text->data(), text->size()), error, {}, {.max_depth = kDeepest});
  if (error || !value.is_object()) return std::nullopt;
  return std::move(value.as_object());
}

std::optional<std::string> Text(const json::object& object, const std::string& name) {
  const json::value* const value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->as_string());
}

// RFC 7518, 3.4: the two numbers, each of 32 bytes; OpenSSL wants them in DER.
std::optional<std::string> ToDer(const std::string& raw) {
  if (raw.size() != 64) return std::nullopt;
  const auto* const bytes = reinterpret_cast<const unsigned char*>(raw.data());
  const SignaturePtr signature(ECDSA_SIG_new());
  ECDSA_SIG_set0(signature.get(), BN_bin2bn(bytes, 32, nullptr), BN_bin2bn(bytes + 32, 32, nullptr));
  std::string der(static_cast<size_t>(i2d_ECDSA_SIG(signature.get(), nullptr)), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  i2d_ECDSA_SIG(signature.get(), &out);
  return der;
}

bool UsePss(EVP_PKEY_CTX* context) {
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

bool IsSigned(std::string_view text, std::string signature, JwtAlgorithm algorithm, EVP_PKEY* key) {
  if (algorithm == JwtAlgorithm::kEs256) {
    auto der = ToDer(signature);
    if (!der) return false;
    signature = *std::move(der);
  }
  const EVP_MD* const digest = algorithm == JwtAlgorithm::kEdDsa ? nullptr : EVP_sha256();
  const DigestPtr context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;  // belongs to `context`
  const bool ready = EVP_DigestVerifyInit(context.get(), &parameters, digest, nullptr, key) == 1 &&
                     (algorithm != JwtAlgorithm::kPs256 || UsePss(parameters));
  const bool valid =
      ready && EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                                reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
  ERR_clear_error();
  return valid;
}

// A time as JWT has it; false where there is something else.
bool ReadTime(const json::object& claims, const char* name, std::optional<absl::Time>& time) {
  const json::value* const value = claims.if_contains(name);
  if (value == nullptr) return true;
  if (!value->is_number()) return false;
  const double seconds = value->to_number<double>();
  if (!(seconds >= 0 && seconds <= kLatest)) return false;
  time = absl::UnixEpoch() + absl::Seconds(seconds);
  return true;
}

std::string_view CheckTimes(const json::object& claims, const JwtRules& rules, absl::Time now) {
  std::optional<absl::Time> expires, begins, issued;
  if (!ReadTime(claims, "exp", expires) || !ReadTime(claims, "nbf", begins) || !ReadTime(claims, "iat", issued))
    return "a token whose times cannot be read";
  if (!expires) return "a token that never expires";
  if (now >= *expires + rules.leeway) return "an expired token";
  if (begins && now < *begins - rules.leeway) return "a token that is not valid yet";
  if (issued && now < *issued - rules.leeway) return "a token from the future";
  return {};
}

bool IsFor(const json::object& claims, const std::string& audience) {
  const json::value* const value = claims.if_contains("aud");
  if (value == nullptr) return false;
  if (value->is_string()) return value->as_string() == audience;
  const json::array* const list = value->if_array();
  return list != nullptr && std::any_of(list->begin(), list->end(),
                                        [&](const json::value& one) { return one.is_string() && one.as_string() == audience; });
}

std::string_view CheckClaims(const json::object& claims, const JwtRules& rules, absl::Time now) {
  if (const std::string_view wrong = CheckTimes(claims, rules, now); !wrong.empty()) return wrong;
  if (Text(claims, "iss") != rules.issuer) return "a token of another issuer";
  return IsFor(claims, rules.audience) ? std::string_view() : "a token for another audience";
}

std::vector<std::string> Words(const json::value* value) {
  std::vector<std::string> words;
  if (value == nullptr) return words;
  if (value->is_string()) {
    words = absl::StrSplit(std::string(value->as_string()), ' ', absl::SkipEmpty());
  } else if (const json::array* const list = value->if_array()) {
    for (const json::value& one : *list) {
      if (one.is_string()) words.emplace_back(one.as_string());
    }
  }
  return words;
}

Caller CallerOf(const json::object& claims, const JwtRules& rules) {
  Caller caller;
  const std::string subject = Text(claims, "sub").value_or("");
  // "#" is in no subject that stands as it is.
  caller.name = absl::StrCat(kJwtName, IsCallerName(subject) ? subject : absl::StrCat("#", Sha256Hex(subject).substr(0, 16)));
  for (const std::string& word : Words(claims.if_contains(rules.roles_claim))) {
    Role role;
    if (word.compare(0, rules.role_prefix.size(), rules.role_prefix) == 0 &&
        FindRole(word.substr(rules.role_prefix.size()), role))
      caller.roles.Add(role);
  }
  return caller;
}

}  // namespace

bool LooksLikeJwt(std::string_view token) { return Split(token).has_value(); }

std::variant<Caller, BadToken> VerifyJwt(std::string_view token, const Jwks& keys, const JwtRules& rules, absl::Time now) {
  if (token.size() > kLongestToken) return BadToken{"a token that is too long"};
  const auto parts = Split(token);
  const auto header = parts ? ReadObject(parts->header) : std::nullopt;
  auto signature = header ? DecodeBase64Url(parts->signature) : std::nullopt;
  if (!header) return BadToken{"a token that cannot be read"};
  const auto algorithm = FindJwtAlgorithm(Text(*header, "alg").value_or(""));
  const auto& allowed = rules.algorithms;
  if (!algorithm || std::find(allowed.begin(), allowed.end(), *algorithm) == allowed.end())
    return BadToken{"a token whose algorithm is not allowed"};
  if (header->contains("crit")) return BadToken{"a token with extensions that must be understood"};
  if (header->contains("kid") && !Text(*header, "kid")) return BadToken{"a token that cannot be read"};
  EVP_PKEY* const key = keys.Find(Text(*header, "kid"), *algorithm);
  if (key == nullptr) return BadToken{"a token of an unknown key"};
  if (!signature || !IsSigned(parts->signed_text, *std::move(signature), *algorithm, key))
    return BadToken{"a token whose signature is wrong"};
  const auto claims = ReadObject(parts->claims);
  if (!claims) return BadToken{"a token that cannot be read"};
  if (const std::string_view wrong = CheckClaims(*claims, rules, now); !wrong.empty()) return BadToken{wrong};
  return CallerOf(*claims, rules);
}

}  // namespace verdict
