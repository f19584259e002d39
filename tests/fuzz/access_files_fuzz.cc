// The files in which an operator says who may do what: API keys, and names in clients' certificates.
#include <algorithm>
#include <string>

#include "security/api_keys.h"
#include "security/certificate_names.h"
#include "security/roles.h"
#include "tests/fuzz/fuzz_target.h"

namespace verdict {
namespace {

constexpr size_t kLongestMessage = 400;

// For a line of the log; and of a word that may be a key put there by mistake, nothing.
void CheckError(const absl::Status& status, std::string_view bytes) {
  const std::string message(status.message());
  Expect(message.size() <= kLongestMessage, "an error is short");
  Expect(std::none_of(message.begin(), message.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }),
         "an error is one line");
  const size_t hash = bytes.find("sha256:");
  if (hash == std::string_view::npos) return;
  const std::string_view secret = bytes.substr(hash + 7, bytes.find_first_of(" \t\r\n", hash) - hash - 7);
  Expect(secret.size() < 16 || message.find(secret) == std::string::npos, "an error shows no hash");
}

}  // namespace

void Fuzz(std::string_view bytes) {
  const auto lines = static_cast<size_t>(std::count(bytes.begin(), bytes.end(), '\n')) + 1;
  const auto keys = ApiKeys::Parse(bytes);
  if (keys.ok()) {
    Expect(keys->size() <= lines, "a line has one key");
    const Caller* const nobody = keys->Find(bytes);
    Expect(nobody == nullptr, "a file is no key");
  } else {
    CheckError(keys.status(), bytes);
  }
  const auto names = CertificateNames::Parse(bytes);
  if (names.ok()) {
    Expect(names->Find({}) == nullptr && names->Find({"", "cn:"}) == nullptr, "nobody goes by no name");
  } else {
    CheckError(names.status(), bytes);
  }
  FuzzInput input(bytes);
  const std::string_view line = input.Line();
  const auto roles = ParseRoles(line);
  if (!roles.ok()) CheckError(roles.status(), "");
  if (roles.ok() && line != "*" && line.find("admin") == std::string_view::npos)
    Expect(!roles->Has(Role::kAdmin), "nobody is an admin unnamed");
}

}  // namespace verdict
