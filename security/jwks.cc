#include "security/jwks.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "boost/json.hpp"
#include "openssl/core_names.h"
#include "openssl/err.h"
#include "openssl/param_build.h"

namespace verdict {
namespace {

namespace json = boost::json;

using BuilderPtr = std::unique_ptr<OSSL_PARAM_BLD, OpenSslFree<OSSL_PARAM_BLD_free>>;
using ParametersPtr = std::unique_ptr<OSSL_PARAM, OpenSslFree<OSSL_PARAM_free>>;
using KeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, OpenSslFree<EVP_PKEY_CTX_free>>;
using NumberPtr = std::unique_ptr<BIGNUM, OpenSslFree<BN_free>>;

// Smaller ones are broken (NIST SP 800-131A); larger ones make verifying slow.
constexpr int kSmallestRsa = 2048;
constexpr int kLargestRsa = 8192;
constexpr size_t kMostKeys = 100;

constexpr std::array<std::pair<std::string_view, JwtAlgorithm>, 4> kAlgorithms = {{{"RS256", JwtAlgorithm::kRs256},
                                                                                   {"PS256", JwtAlgorithm::kPs256},
                                                                                   {"ES256", JwtAlgorithm::kEs256},
                                                                                   {"EdDSA", JwtAlgorithm::kEdDsa}}};

std::optional<std::string> Text(const json::object& object, const char* name) {
  const json::value* const value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->as_string());
}

std::optional<std::string> Bytes(const json::object& object, const char* name) {
  const auto text = Text(object, name);
  return text ? DecodeBase64Url(*text) : std::nullopt;
}

NumberPtr Number(const std::string& bytes) {
  return NumberPtr(BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()), nullptr));
}

KeyPtr FromParameters(const char* kind, OSSL_PARAM_BLD* builder) {
  const ParametersPtr parameters(OSSL_PARAM_BLD_to_param(builder));
  const KeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
  EVP_PKEY* key = nullptr;
  const bool made = parameters && context && EVP_PKEY_fromdata_init(context.get()) == 1 &&
                    EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) == 1;
  ERR_clear_error();
  return KeyPtr(made ? key : nullptr);
}

KeyPtr ReadRsa(const json::object& object) {
  const auto modulus = Bytes(object, "n");
  const auto exponent = Bytes(object, "e");
  if (!modulus || !exponent || modulus->size() > kLargestRsa / 8 + 1 || exponent->size() > 8) return nullptr;
  const NumberPtr n = Number(*modulus);
  const NumberPtr e = Number(*exponent);
  if (BN_num_bits(n.get()) < kSmallestRsa || BN_num_bits(n.get()) > kLargestRsa) return nullptr;
  if (BN_is_odd(e.get()) == 0 || BN_is_one(e.get()) != 0) return nullptr;
  const BuilderPtr builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  return FromParameters("RSA", builder.get());
}

KeyPtr ReadP256(const json::object& object) {
  const auto x = Bytes(object, "x");
  const auto y = Bytes(object, "y");
  if (Text(object, "crv") != "P-256" || !x || !y || x->size() != 32 || y->size() != 32) return nullptr;
  const std::string point = absl::StrCat("\x04", *x, *y);
  const BuilderPtr builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  return FromParameters("EC", builder.get());  // refuses points that are not on the curve
}

KeyPtr ReadEd25519(const json::object& object) {
  const auto x = Bytes(object, "x");
  if (Text(object, "crv") != "Ed25519" || !x || x->size() != 32) return nullptr;
  return KeyPtr(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(x->data()), x->size()));
}

// Which algorithms a key is for, unless it says itself.
std::vector<JwtAlgorithm> AlgorithmsOf(std::string_view kind) {
  if (kind == "RSA") return {JwtAlgorithm::kRs256, JwtAlgorithm::kPs256};
  if (kind == "EC") return {JwtAlgorithm::kEs256};
  return {JwtAlgorithm::kEdDsa};
}

bool IsForVerifying(const json::object& object) {
  if (object.contains("use") && Text(object, "use") != "sig") return false;
  const json::value* const operations = object.if_contains("key_ops");
  if (operations == nullptr) return true;
  const json::array* const list = operations->if_array();
  return list != nullptr && std::any_of(list->begin(), list->end(), [](const json::value& one) { return one == "verify"; });
}

KeyPtr ReadKey(const json::object& object, std::string_view kind) {
  if (kind == "RSA") return ReadRsa(object);
  if (kind == "EC") return ReadP256(object);
  return kind == "OKP" ? ReadEd25519(object) : nullptr;
}

}  // namespace

std::optional<JwtAlgorithm> FindJwtAlgorithm(std::string_view name) {
  for (const auto& [known, algorithm] : kAlgorithms) {
    if (known == name) return algorithm;
  }
  return std::nullopt;
}

std::optional<std::string> DecodeBase64Url(std::string_view text) {
  const bool clean = std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
  std::string bytes;
  if (text.empty() || !clean || !absl::WebSafeBase64Unescape(std::string(text), &bytes)) return std::nullopt;
  return bytes;
}

std::optional<Jwks::Key> Jwks::Read(const void* key) {
  const auto& object = *static_cast<const json::object*>(key);
  const std::string kind = Text(object, "kty").value_or("");
  if (!IsForVerifying(object)) return std::nullopt;
  Key read{Text(object, "kid"), AlgorithmsOf(kind), ReadKey(object, kind)};
  if (!read.key) return std::nullopt;
  if (!object.contains("alg")) return read;
  const auto algorithm = FindJwtAlgorithm(Text(object, "alg").value_or(""));
  const auto& possible = read.algorithms;
  if (!algorithm || std::find(possible.begin(), possible.end(), *algorithm) == possible.end()) return std::nullopt;
  read.algorithms = {*algorithm};
  return read;
}

absl::StatusOr<Jwks> Jwks::Parse(std::string_view text) {
  json::error_code error;
  const json::value document = json::parse(json::string_view(text.data(), text.size()), error);
  const json::object* const object = error ? nullptr : document.if_object();
  const json::value* const keys = object == nullptr ? nullptr : object->if_contains("keys");
  if (keys == nullptr || !keys->is_array()) return absl::InvalidArgumentError("expected a JSON object with an array \"keys\"");
  if (keys->as_array().size() > kMostKeys) return absl::InvalidArgumentError(absl::StrCat("more than ", kMostKeys, " keys"));
  Jwks set;
  for (const json::value& key : keys->as_array()) {
    if (!key.is_object()) continue;
    if (auto read = Read(&key.as_object())) set.keys_.push_back(*std::move(read));
  }
  if (set.keys_.empty()) {
    return absl::InvalidArgumentError(
        "none of the keys can be used: they must be RSA of 2048 to 8192 bits, EC on P-256, or OKP of Ed25519, and for "
        "signatures");
  }
  return set;
}

EVP_PKEY* Jwks::Find(const std::optional<std::string>& id, JwtAlgorithm algorithm) const {
  EVP_PKEY* found = nullptr;
  for (const Key& key : keys_) {
    const bool can = std::find(key.algorithms.begin(), key.algorithms.end(), algorithm) != key.algorithms.end();
    if (!can || (id && key.id != id)) continue;
    if (found != nullptr) return nullptr;  // which one is meant is not said
    found = key.key.get();
  }
  return found;
}

}  // namespace verdict
