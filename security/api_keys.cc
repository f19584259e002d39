#include "security/api_keys.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "openssl/crypto.h"
#include "openssl/evp.h"
#include "openssl/rand.h"
#include "security/word_lines.h"

namespace verdict {
namespace {

constexpr std::string_view kHashPrefix = "sha256:";
constexpr size_t kMostKeys = 10'000;

}  // namespace

ApiKeys::Hash ApiKeys::HashOf(std::string_view key) {
  Hash hash{};
  EVP_Digest(key.data(), key.size(), hash.data(), nullptr, EVP_sha256(), nullptr);
  return hash;
}

absl::StatusOr<ApiKeys> ApiKeys::Parse(std::string_view text) {
  ApiKeys keys;
  for (const WordLine& line : SplitWordLines(text)) {
    const std::vector<std::string>& words = line.words;
    if (words.size() != 3) return BadLine(line, "expected NAME ROLES sha256:HEX");
    if (!IsCallerName(words[0])) return BadLine(line, "the name must be 1 to 128 letters, digits and ._@:/-");
    if (HasReservedPrefix(words[0])) return BadLine(line, "names that begin with jwt:, uri:, dns:, email: or cn: are others'");
    const auto roles = ParseRoles(words[1]);
    // Does not show the word, which may be a key where the order is not kept.
    if (!roles.ok()) return BadLine(line, absl::StrCat("the second word must be roles, separated by commas: ", RoleNames()));
    if (words[2].compare(0, kHashPrefix.size(), kHashPrefix) != 0) {
      return BadLine(line, "the third word must be sha256: and the hash of the key, never the key itself");
    }
    if (keys.size() == kMostKeys) return BadLine(line, absl::StrCat("more than ", kMostKeys, " keys"));
    const absl::Status added = keys.Add({words[0], *roles}, words[2].substr(kHashPrefix.size()));
    if (!added.ok()) return BadLine(line, std::string(added.message()));
  }
  return keys;
}

absl::Status ApiKeys::Add(Caller caller, std::string_view hash) {
  const bool hex = hash.size() == 2 * sizeof(Hash) && std::all_of(hash.begin(), hash.end(), [](char c) {
                     return std::isxdigit(static_cast<unsigned char>(c)) != 0;
                   });
  if (!hex) return absl::InvalidArgumentError("the hash must have 64 hexadecimal digits");
  Key key{{}, std::move(caller)};
  const std::string bytes = absl::HexStringToBytes(std::string(hash));
  std::copy(bytes.begin(), bytes.end(), key.hash.begin());
  if (std::any_of(keys_.begin(), keys_.end(), [&](const Key& other) { return other.hash == key.hash; })) {
    return absl::InvalidArgumentError("another line has the same key");
  }
  keys_.push_back(std::move(key));
  return absl::OkStatus();
}

const Caller* ApiKeys::Find(std::string_view key) const {
  const Hash hash = HashOf(key);
  const Caller* found = nullptr;
  for (const Key& candidate : keys_) {
    if (CRYPTO_memcmp(candidate.hash.data(), hash.data(), hash.size()) == 0) found = &candidate.caller;
  }
  return found;
}

std::string Sha256Hex(std::string_view text) {
  std::string hash(32, '\0');
  EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(hash.data()), nullptr, EVP_sha256(), nullptr);
  return absl::BytesToHexString(hash);
}

absl::StatusOr<std::string> NewApiKey() {
  std::string bytes(32, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) != 1) {
    return absl::InternalError("the system has no random numbers");
  }
  std::string key;
  absl::WebSafeBase64Escape(bytes, &key);
  key.erase(std::find(key.begin(), key.end(), '='), key.end());
  return key;
}

}  // namespace verdict
