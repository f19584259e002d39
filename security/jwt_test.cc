#include "security/jwt.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "boost/json.hpp"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "openssl/core_names.h"
#include "openssl/ecdsa.h"
#include "openssl/hmac.h"
#include "openssl/pem.h"
#include "openssl/rsa.h"

namespace verdict {
namespace {

namespace json = boost::json;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

std::string Encode(const std::string& bytes) {
  std::string text;
  absl::WebSafeBase64Escape(bytes, &text);
  text.erase(std::find(text.begin(), text.end(), '='), text.end());
  return text;
}

std::string NumberOf(EVP_PKEY* key, const char* name, int size) {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(key, name, &number);
  std::string bytes(static_cast<size_t>(size > 0 ? size : BN_num_bytes(number)), '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  BN_free(number);
  return Encode(bytes);
}

json::object JwkOf(EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
      return {{"kty", "RSA"}, {"n", NumberOf(key, OSSL_PKEY_PARAM_RSA_N, 0)}, {"e", NumberOf(key, OSSL_PKEY_PARAM_RSA_E, 0)}};
    case EVP_PKEY_EC:
      return {{"kty", "EC"},
              {"crv", "P-256"},
              {"x", NumberOf(key, OSSL_PKEY_PARAM_EC_PUB_X, 32)},
              {"y", NumberOf(key, OSSL_PKEY_PARAM_EC_PUB_Y, 32)}};
    default: {
      std::string bytes(32, '\0');
      size_t size = bytes.size();
      EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(bytes.data()), &size);
      return {{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", Encode(bytes)}};
    }
  }
}

std::string RawSignature(EVP_PKEY* key, JwtAlgorithm algorithm, const std::string& text) {
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* parameters = nullptr;
  EVP_DigestSignInit(context, &parameters, algorithm == JwtAlgorithm::kEdDsa ? nullptr : EVP_sha256(), nullptr, key);
  if (algorithm == JwtAlgorithm::kPs256) {
    EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST);
  }
  std::string out(1024, '\0');
  size_t size = out.size();
  EVP_DigestSign(context, reinterpret_cast<unsigned char*>(out.data()), &size,
                 reinterpret_cast<const unsigned char*>(text.data()), text.size());
  EVP_MD_CTX_free(context);
  out.resize(size);
  if (algorithm != JwtAlgorithm::kEs256) return out;
  const auto* der = reinterpret_cast<const unsigned char*>(out.data());
  ECDSA_SIG* const signature = d2i_ECDSA_SIG(nullptr, &der, static_cast<long>(size));
  std::string raw(64, '\0');
  BN_bn2binpad(ECDSA_SIG_get0_r(signature), reinterpret_cast<unsigned char*>(raw.data()), 32);
  BN_bn2binpad(ECDSA_SIG_get0_s(signature), reinterpret_cast<unsigned char*>(raw.data()) + 32, 32);
  ECDSA_SIG_free(signature);
  return raw;
}

class JwtTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    rsa_ = EVP_RSA_gen(2048);
    ec_ = EVP_EC_gen("P-256");
    ed_ = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  }
  static void TearDownTestSuite() {
    for (EVP_PKEY* key : {rsa_, ec_, ed_}) EVP_PKEY_free(key);
  }

  json::object Named(EVP_PKEY* key, const char* id) {
    json::object jwk = JwkOf(key);
    jwk["kid"] = id;
    return jwk;
  }
  static absl::StatusOr<Jwks> Set(json::array keys) {
    return Jwks::Parse(json::serialize(json::object{{"keys", std::move(keys)}}));
  }
  Jwks All() { return *Set({Named(rsa_, "rsa"), Named(ec_, "ec"), Named(ed_, "ed")}); }

  static std::string Signed(const json::object& header, const json::object& claims, EVP_PKEY* key, JwtAlgorithm algorithm) {
    const std::string text = absl::StrCat(Encode(json::serialize(header)), ".", Encode(json::serialize(claims)));
    return absl::StrCat(text, ".", Encode(RawSignature(key, algorithm, text)));
  }
  std::string Token(const json::object& claims) {
    return Signed({{"alg", "RS256"}, {"kid", "rsa"}}, claims, rsa_, JwtAlgorithm::kRs256);
  }
  // "" for a token that counts.
  std::string Wrong(const std::string& token, const JwtRules& rules) {
    const auto verified = VerifyJwt(token, All(), rules, kNow);
    const auto* const bad = std::get_if<BadToken>(&verified);
    return bad == nullptr ? "" : std::string(bad->reason);
  }
  std::string Wrong(const std::string& token) { return Wrong(token, rules_); }

  static json::object With(json::object claims, const char* name, json::value value) {
    claims[name] = std::move(value);
    return claims;
  }
  static json::object Without(json::object claims, const char* name) {
    claims.erase(name);
    return claims;
  }

  static EVP_PKEY *rsa_, *ec_, *ed_;
  const JwtRules rules_{.issuer = "https://issuer", .audience = "verdict"};
  const json::object good_ = {{"iss", "https://issuer"},
                              {"aud", "verdict"},
                              {"sub", "alice"},
                              {"exp", 1'800'000'060},
                              {"scope", "verdict:inference admin"}};
};
EVP_PKEY* JwtTest::rsa_;
EVP_PKEY* JwtTest::ec_;
EVP_PKEY* JwtTest::ed_;

TEST_F(JwtTest, EveryAlgorithmVerifies) {
  EXPECT_EQ(Wrong(Token(good_)), "");
  EXPECT_EQ(Wrong(Signed({{"alg", "PS256"}, {"kid", "rsa"}}, good_, rsa_, JwtAlgorithm::kPs256)), "");
  EXPECT_EQ(Wrong(Signed({{"alg", "ES256"}, {"kid", "ec"}}, good_, ec_, JwtAlgorithm::kEs256)), "");
  EXPECT_EQ(Wrong(Signed({{"alg", "EdDSA"}, {"kid", "ed"}}, good_, ed_, JwtAlgorithm::kEdDsa)), "");
}

TEST_F(JwtTest, TellsWhoAndWhatTheyMayDo) {
  const auto verified = VerifyJwt(Token(good_), All(), rules_, kNow);
  const auto* const caller = std::get_if<Caller>(&verified);
  ASSERT_NE(caller, nullptr);
  EXPECT_EQ(caller->name, "jwt:alice");
  EXPECT_TRUE(caller->roles.Has(Role::kInference));
  EXPECT_FALSE(caller->roles.Has(Role::kAdmin));  // somebody else's admin
  JwtRules other = rules_;
  other.roles_claim = "roles";
  other.role_prefix = "";
  const auto list = VerifyJwt(Token(With(good_, "roles", json::array{"admin", 3, "nonsense"})), All(), other, kNow);
  EXPECT_TRUE(std::get<Caller>(list).roles.Has(Role::kAdmin));
  const auto strange = VerifyJwt(Token(With(good_, "sub", "a\nb")), All(), rules_, kNow);
  EXPECT_THAT(std::get<Caller>(strange).name, ::testing::StartsWith("jwt:#"));
}

TEST_F(JwtTest, TimesCountWithALittleLeeway) {
  EXPECT_EQ(Wrong(Token(With(good_, "exp", 1'800'000'000 - 29))), "");
  EXPECT_EQ(Wrong(Token(With(good_, "exp", 1'800'000'000 - 30))), "an expired token");
  EXPECT_EQ(Wrong(Token(Without(good_, "exp"))), "a token that never expires");
  EXPECT_EQ(Wrong(Token(With(good_, "nbf", 1'800'000'000 + 30))), "");
  EXPECT_EQ(Wrong(Token(With(good_, "nbf", 1'800'000'000 + 31))), "a token that is not valid yet");
  EXPECT_EQ(Wrong(Token(With(good_, "iat", 1'800'000'000 + 31))), "a token from the future");
  EXPECT_EQ(Wrong(Token(With(good_, "exp", "never"))), "a token whose times cannot be read");
  EXPECT_EQ(Wrong(Token(With(good_, "exp", 1e300))), "a token whose times cannot be read");
}

TEST_F(JwtTest, IssuerAndAudienceMustBeOurs) {
  EXPECT_EQ(Wrong(Token(With(good_, "iss", "https://other"))), "a token of another issuer");
  EXPECT_EQ(Wrong(Token(Without(good_, "iss"))), "a token of another issuer");
  EXPECT_EQ(Wrong(Token(With(good_, "aud", "other"))), "a token for another audience");
  EXPECT_EQ(Wrong(Token(Without(good_, "aud"))), "a token for another audience");
  EXPECT_EQ(Wrong(Token(With(good_, "aud", json::array{"other", "verdict"}))), "");
}

TEST_F(JwtTest, NoneAndSharedSecretsAreNoSignatures) {
  const std::string none = absl::StrCat(Encode(R"({"alg":"none"})"), ".", Encode(json::serialize(good_)), ".");
  EXPECT_EQ(Wrong(none), "a token whose algorithm is not allowed");
  // The attack: the public key, which everybody has, as the secret of an HMAC.
  const std::string text = absl::StrCat(Encode(R"({"alg":"HS256","kid":"rsa"})"), ".", Encode(json::serialize(good_)));
  const std::string secret = json::serialize(JwkOf(rsa_));
  std::string mac(32, '\0');
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), reinterpret_cast<const unsigned char*>(text.data()),
       text.size(), reinterpret_cast<unsigned char*>(mac.data()), &size);
  EXPECT_EQ(Wrong(absl::StrCat(text, ".", Encode(mac))), "a token whose algorithm is not allowed");
  JwtRules strict = rules_;
  strict.algorithms = {JwtAlgorithm::kEs256};
  EXPECT_EQ(Wrong(Token(good_), strict), "a token whose algorithm is not allowed");
}

TEST_F(JwtTest, AKeyVerifiesItsOwnAlgorithmAlone) {
  EXPECT_EQ(Wrong(Signed({{"alg", "RS256"}, {"kid", "ec"}}, good_, rsa_, JwtAlgorithm::kRs256)), "a token of an unknown key");
  EXPECT_EQ(Wrong(Signed({{"alg", "RS256"}, {"kid", "gone"}}, good_, rsa_, JwtAlgorithm::kRs256)), "a token of an unknown key");
  EXPECT_EQ(Wrong(Signed({{"alg", "RS256"}, {"kid", 3}}, good_, rsa_, JwtAlgorithm::kRs256)), "a token that cannot be read");
  EXPECT_EQ(Wrong(Signed({{"alg", "RS256"}}, good_, rsa_, JwtAlgorithm::kRs256)), "");  // the only one of its kind
  json::object own = Named(rsa_, "rsa");
  own["alg"] = "PS256";
  const auto keys = Set({own});
  const auto refused = VerifyJwt(Token(good_), *keys, rules_, kNow);
  EXPECT_TRUE(std::holds_alternative<BadToken>(refused));
}

TEST_F(JwtTest, WhatWasChangedOrIsNoTokenIsRefused) {
  const std::string token = Token(good_);
  std::string changed = token;
  changed[token.find('.') + 5] ^= 1;
  EXPECT_NE(Wrong(changed), "");
  changed = token;
  changed[token.size() - 10] = changed[token.size() - 10] == 'A' ? 'B' : 'A';
  EXPECT_EQ(Wrong(changed), "a token whose signature is wrong");
  EXPECT_EQ(Wrong(token.substr(0, token.rfind('.') + 1)), "a token whose signature is wrong");
  EXPECT_EQ(Wrong("a.b.c"), "a token that cannot be read");
  EXPECT_EQ(Wrong(std::string(17 * 1024, 'a') + ".b.c"), "a token that is too long");
  EXPECT_EQ(Wrong(Signed({{"alg", "RS256"}, {"kid", "rsa"}, {"crit", json::array{"b64"}}}, good_, rsa_, JwtAlgorithm::kRs256)),
            "a token with extensions that must be understood");
  std::string deep = R"({"alg":"RS256","x":)" + std::string(100, '[') + std::string(100, ']') + "}";
  EXPECT_EQ(Wrong(absl::StrCat(Encode(deep), ".e30.AA")), "a token that cannot be read");
  EXPECT_FALSE(LooksLikeJwt("a.b"));
  EXPECT_FALSE(LooksLikeJwt("a.b.c.d"));
}

TEST_F(JwtTest, KeysThatMustNotBeUsedAreLeftOut) {
  json::object encrypts = Named(rsa_, "rsa");
  encrypts["use"] = "enc";
  EVP_PKEY* const small = EVP_RSA_gen(1024);
  const json::object weak = JwkOf(small);
  EVP_PKEY_free(small);
  json::object off_curve = JwkOf(ec_);
  off_curve["y"] = Encode(std::string(32, '\1'));
  EXPECT_FALSE(Set({encrypts}).ok());
  EXPECT_FALSE(Set({weak}).ok());
  EXPECT_FALSE(Set({off_curve}).ok());
  EXPECT_FALSE(Set({json::object{{"kty", "oct"}, {"k", "AAAA"}}}).ok());
  EXPECT_FALSE(Set({}).ok());
  EXPECT_FALSE(Jwks::Parse("[]").ok());
  EXPECT_FALSE(Jwks::Parse("{").ok());
  EXPECT_EQ(Set({encrypts, JwkOf(ed_)})->size(), 1U);
}

}  // namespace
}  // namespace verdict
