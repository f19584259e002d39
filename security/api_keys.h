#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "security/caller.h"

namespace verdict {

// The keys of a file, as hashes. A key is 256 random bits, so a plain SHA-256 of it cannot be searched backwards; slow hashes are
// for passwords (docs/adr/2026-11-26-who-may-call.md). Immutable.
class ApiKeys {
 public:
  // Lines "NAME ROLES sha256:HEX", blank ones, and comments that begin with "#". A name may stand on several lines, so that a key
  // can be replaced. Errors: kInvalidArgument with the line's number, never with what may be a key.
  static absl::StatusOr<ApiKeys> Parse(std::string_view text);

  // One more, of a hash in 64 hexadecimal digits. Error: kInvalidArgument.
  absl::Status Add(Caller caller, std::string_view hash);

  // Whose key this is; null when nobody's. Takes the same time whichever it is.
  const Caller* Find(std::string_view key) const;

  bool empty() const { return keys_.empty(); }
  size_t size() const { return keys_.size(); }

 private:
  using Hash = std::array<unsigned char, 32>;
  struct Key {
    Hash hash;
    Caller caller;
  };
  static Hash HashOf(std::string_view key);

  std::vector<Key> keys_;
};

// SHA-256 in 64 hexadecimal digits.
std::string Sha256Hex(std::string_view text);

// A new key: 256 random bits in 43 characters of base64url. Error: kInternal when the system has no random numbers.
absl::StatusOr<std::string> NewApiKey();

}  // namespace verdict
