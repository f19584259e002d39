// The file of the keys that sign tokens.
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "security/jwt.h"
#include "tests/fuzz/fuzz_target.h"

namespace verdict {
namespace {

// Headers {"alg":"…"}, claims {}, and a signature of the right length that is none.
constexpr const char* kHeaders[] = {"eyJhbGciOiJSUzI1NiJ9", "eyJhbGciOiJQUzI1NiJ9", "eyJhbGciOiJFUzI1NiJ9",
                                    "eyJhbGciOiJFZERTQSJ9"};
constexpr JwtAlgorithm kAlgorithms[] = {JwtAlgorithm::kRs256, JwtAlgorithm::kPs256, JwtAlgorithm::kEs256, JwtAlgorithm::kEdDsa};

}  // namespace

void Fuzz(std::string_view bytes) {
  const auto keys = Jwks::Parse(bytes);
  if (!keys.ok()) return Expect(keys.status().message().size() <= 400, "an error is short");
  Expect(keys->size() > 0 && keys->size() <= 100, "some keys, and not too many");
  const std::string signature(86, 'A');
  for (size_t i = 0; i < std::size(kHeaders); ++i) {
    const auto verified = VerifyJwt(absl::StrCat(kHeaders[i], ".e30.", signature), *keys, {}, absl::UnixEpoch());
    Expect(std::holds_alternative<BadToken>(verified), "zeros sign nothing");
    EVP_PKEY* const key = keys->Find(std::nullopt, kAlgorithms[i]);
    if (key == nullptr) continue;
    const int expected = i < 2 ? EVP_PKEY_RSA : i == 2 ? EVP_PKEY_EC : EVP_PKEY_ED25519;
    Expect(EVP_PKEY_get_base_id(key) == expected, "an algorithm has its own kind of key");
    Expect(expected != EVP_PKEY_RSA || EVP_PKEY_get_bits(key) >= 2048, "an RSA key has enough bits");
  }
}

}  // namespace verdict
