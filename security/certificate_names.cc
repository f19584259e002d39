#include "security/certificate_names.h"

#include <array>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "openssl/x509v3.h"
#include "security/word_lines.h"

namespace verdict {
namespace {

using GeneralNamesPtr = std::unique_ptr<GENERAL_NAMES, OpenSslFree<GENERAL_NAMES_free>>;

constexpr std::array<const char*, 4> kKinds = {"uri:", "dns:", "email:", "cn:"};
constexpr size_t kLongestName = 1024;

void AddName(const char* kind, const ASN1_STRING* value, std::vector<std::string>& names) {
  const std::string name(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                         static_cast<size_t>(ASN1_STRING_length(value)));
  if (name.empty() || name.size() > kLongestName || name.find('\0') != std::string::npos) return;
  names.push_back(absl::StrCat(kind, name));
}

const char* KindOf(int type) {
  switch (type) {
    case GEN_URI:
      return "uri:";
    case GEN_DNS:
      return "dns:";
    case GEN_EMAIL:
      return "email:";
    default:
      return nullptr;
  }
}

bool HasKind(const std::string& name) {
  for (const char* const kind : kKinds) {
    if (absl::StartsWith(name, kind) && name.size() > std::string_view(kind).size()) return true;
  }
  return false;
}

}  // namespace

std::vector<std::string> NamesOf(const X509& certificate) {
  std::vector<std::string> names;
  const GeneralNamesPtr alternatives(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; alternatives && i < sk_GENERAL_NAME_num(alternatives.get()); ++i) {
    int type = 0;
    const void* const value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(alternatives.get(), i), &type);
    if (const char* const kind = KindOf(type)) AddName(kind, static_cast<const ASN1_STRING*>(value), names);
  }
  const X509_NAME* const subject = X509_get_subject_name(&certificate);
  if (const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1); at >= 0) {
    AddName("cn:", X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)), names);
  }
  return names;
}

absl::StatusOr<CertificateNames> CertificateNames::Parse(std::string_view text) {
  CertificateNames names;
  for (const WordLine& line : SplitWordLines(text)) {
    const std::vector<std::string>& words = line.words;
    if (words.size() != 2) return BadLine(line, "expected NAME ROLES");
    if (!HasKind(words[0])) return BadLine(line, "the name must begin with uri:, dns:, email: or cn:");
    const auto roles = ParseRoles(words[1]);
    // Without the word, as it is with keys: the two files are soon mistaken for each other.
    if (!roles.ok()) return BadLine(line, absl::StrCat("the second word must be roles, separated by commas: ", RoleNames()));
    if (!names.callers_.emplace(words[0], Caller{words[0], *roles}).second) return BadLine(line, "the name has a line already");
  }
  return names;
}

const Caller* CertificateNames::Find(const std::vector<std::string>& names) const {
  for (const std::string& name : names) {
    if (const auto found = callers_.find(name); found != callers_.end()) return &found->second;
  }
  return nullptr;
}

}  // namespace verdict
