// Tokens. An input that begins with "{" is a header on a line of its own, then claims: they are signed by a key that is known, so
// that the claims are read. Everything else is a token as it comes, and whatever it is, nobody's.
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "security/jwt.h"
#include "tests/fuzz/fuzz_target.h"

namespace verdict {
namespace {

constexpr int64_t kNow = 1'800'000'000;

std::string Encode(std::string_view bytes) {
  std::string text;
  absl::WebSafeBase64Escape(std::string(bytes), &text);
  text.erase(text.find_last_not_of('=') + 1);
  return text;
}

// An Ed25519 key made of constant bytes, and the key set of its public half.
struct Signer {
  Signer() : key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, kSecret, sizeof(kSecret))) {
    std::string open(32, '\0');
    size_t size = open.size();
    EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char*>(open.data()), &size);
    keys = Jwks::Parse(absl::StrCat(R"({"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","x":")", Encode(open), "\"}]}")).value();
    rules.issuer = "issuer";
    rules.audience = "verdict";
  }
  std::string Sign(const std::string& text) const {
    std::string signature(64, '\0');
    size_t size = signature.size();
    EVP_MD_CTX* const context = EVP_MD_CTX_new();
    EVP_DigestSignInit(context, nullptr, nullptr, nullptr, key.get());
    EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                   reinterpret_cast<const unsigned char*>(text.data()), text.size());
    EVP_MD_CTX_free(context);
    return signature;
  }

  static constexpr unsigned char kSecret[32] = {1, 2, 3};
  const KeyPtr key;
  Jwks keys;
  JwtRules rules;
};

}  // namespace

void Fuzz(std::string_view bytes) {
  static const Signer signer;
  const absl::Time now = absl::FromUnixSeconds(kNow);
  if (!bytes.starts_with('{')) {
    (void)LooksLikeJwt(bytes);
    Expect(std::holds_alternative<BadToken>(VerifyJwt(bytes, signer.keys, signer.rules, now)), "nobody can sign without the key");
    const auto decoded = DecodeBase64Url(bytes);
    Expect(!decoded || decoded->size() <= bytes.size(), "decoding does not grow");
    return;
  }
  FuzzInput input(bytes);
  const std::string header(input.Line());
  const std::string text = absl::StrCat(Encode(header), ".", Encode(input.Rest()));
  const auto verified = VerifyJwt(absl::StrCat(text, ".", Encode(signer.Sign(text))), signer.keys, signer.rules, now);
  const auto* const caller = std::get_if<Caller>(&verified);
  if (caller == nullptr) return Expect(!std::get<BadToken>(verified).reason.empty(), "a refusal has a reason");
  Expect(caller->name.size() > 4 && caller->name.size() <= 132 && caller->name.starts_with(kJwtName), "a caller has a name");
  Expect(caller->name.find_first_of("\r\n\"\\ ") == std::string::npos, "a caller's name is a word");
  Expect(header.find("EdDSA") != std::string::npos || header.find('\\') != std::string::npos, "the algorithm is the key's");
  Expect(bytes.find("exp") != std::string_view::npos || bytes.find('\\') != std::string_view::npos, "tokens end");
  if (caller->roles.Has(Role::kAdmin) && bytes.find('\\') == std::string_view::npos)
    Expect(bytes.find("verdict:admin") != std::string_view::npos, "nobody is an admin unnamed");
  std::string changed = absl::StrCat(text, ".", Encode(signer.Sign(text + "x")));
  Expect(std::holds_alternative<BadToken>(VerifyJwt(changed, signer.keys, signer.rules, now)), "a wrong signature is refused");
}

}  // namespace verdict
