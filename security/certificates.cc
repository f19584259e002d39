#include "security/certificates.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/json_file.h"
#include "common/logging.h"
#include "openssl/err.h"
#include "openssl/pem.h"
#include "security/file_permissions.h"
#include "security/wall_clock.h"

namespace verdict {
namespace {

constexpr size_t kLargestFile = 4 << 20;

BioPtr Open(const std::string& text) { return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

// A key with a pass phrase cannot be used: nobody is there to type it.
int NoPassPhrase(char*, int, int, void*) { return 0; }

// All certificates of a text, at least one.
absl::StatusOr<std::vector<X509Ptr>> ParseCertificates(const std::string& text) {
  std::vector<X509Ptr> certificates;
  const BioPtr bio = Open(text);
  ERR_clear_error();
  while (X509* const certificate = PEM_read_bio_X509(bio.get(), nullptr, NoPassPhrase, nullptr)) {
    certificates.emplace_back(certificate);
  }
  const bool ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const std::string error = TakeOpenSslError();
  if (certificates.empty()) return absl::InvalidArgumentError("there is no certificate in PEM in it");
  if (!ended) return absl::InvalidArgumentError(absl::StrCat("a certificate in it is damaged: ", error));
  return certificates;
}

absl::Status At(const std::string& path, std::string_view problem) {
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", std::string(problem)));
}

absl::Status ReadPair(const CertificateFiles& files, Certificates& read) {
  for (const auto& [path, text] : {std::pair(&files.chain, &read.chain), std::pair(&files.key, &read.key)}) {
    auto contents = ReadFile(*path, kLargestFile);
    if (!contents.ok()) return contents.status();
    *text = *std::move(contents);
  }
  const auto chain = ParseCertificates(read.chain);
  if (!chain.ok()) return At(files.chain, std::string(chain.status().message()));
  const BioPtr bio = Open(read.key);
  const KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassPhrase, nullptr));
  if (!key) {
    ERR_clear_error();
    return At(files.key, "there is no private key in PEM without a pass phrase in it");
  }
  X509* const leaf = chain->front().get();
  if (X509_check_private_key(leaf, key.get()) != 1) {
    ERR_clear_error();
    return At(files.key, absl::StrCat("it is not the key of the certificate in ", files.chain));
  }
  read.not_before = TimeOf(X509_get0_notBefore(leaf));
  read.not_after = TimeOf(X509_get0_notAfter(leaf));
  return absl::OkStatus();
}

absl::Status CheckTime(const Certificates& certificates, absl::Time now) {
  const auto told = [](absl::Time time) { return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone()); };
  if (now > certificates.not_after)
    return absl::InvalidArgumentError(absl::StrCat("the certificate expired at ", told(certificates.not_after)));
  if (now < certificates.not_before)
    return absl::InvalidArgumentError(absl::StrCat("the certificate is not valid before ", told(certificates.not_before)));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Certificates> ReadCertificates(const CertificateFiles& files) {
  Certificates read;
  if (files.chain.empty() != files.key.empty())
    return absl::InvalidArgumentError("a certificate and its key are given together, or neither");
  if (!files.chain.empty()) {
    if (absl::Status status = ReadPair(files, read); !status.ok()) return status;
  }
  if (files.authority.empty()) return read;
  auto authority = ReadFile(files.authority, kLargestFile);
  if (!authority.ok()) return authority.status();
  if (const auto parsed = ParseCertificates(*authority); !parsed.ok())
    return At(files.authority, std::string(parsed.status().message()));
  read.authority = *std::move(authority);
  return read;
}

absl::StatusOr<std::shared_ptr<CertificateStore>> CertificateStore::Open(CertificateFiles files, std::string what,
                                                                         FileWatcher& watcher) {
  const std::shared_ptr<CertificateStore> store(new CertificateStore(std::move(files)));
  std::vector<std::string> paths;
  for (const std::string& path : {store->files_.chain, store->files_.key, store->files_.authority}) {
    if (!path.empty()) paths.push_back(path);
  }
  if (absl::Status status = watcher.Watch(std::move(what), std::move(paths), [store] { return store->Load(); }); !status.ok())
    return status;
  return store;
}

absl::Status CertificateStore::Load() {
  auto read = ReadCertificates(files_);
  if (!read.ok()) return read.status();
  if (absl::Status valid = CheckTime(*read, WallNow()); !valid.ok()) {
    if (current_.get() != nullptr) return At(files_.chain, std::string(valid.message()));
    LogWarning("a certificate is not valid now", {{"file", files_.chain}, {"error", std::string(valid.message())}});
  }
  if (!files_.key.empty()) WarnOfPermissions(files_.key, FileKind::kSecret);
  if (!files_.authority.empty()) WarnOfPermissions(files_.authority, FileKind::kRules);
  current_.Set(*std::move(read));
  return absl::OkStatus();
}

}  // namespace verdict
