#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "security/file_watcher.h"
#include "security/openssl.h"
#include "security/reloadable.h"

namespace verdict {

// Where the certificates of one side of a connection lie, in PEM.
struct CertificateFiles {
  std::string chain;      // the certificate, then those between it and the root
  std::string key;        // its private key, without a pass phrase
  std::string authority;  // whose signature on the other side's certificate counts; empty: it is not asked for one, or (a client)
                          // the roots of the system count
};

// What they hold, checked: everything can be read, and the key is that of the certificate.
struct Certificates {
  std::string chain = {};
  std::string key = {};
  std::string authority = {};
  absl::Time not_before = absl::InfinitePast();
  absl::Time not_after = absl::InfiniteFuture();
};

// A client may have no chain and key of its own. Errors name the file.
absl::StatusOr<Certificates> ReadCertificates(const CertificateFiles& files);

// Certificates that are read again when their files change. New ones that do not go together, are damaged, or are not valid at
// this time are refused and logged; what was there before stays. At the start the last of these is a warning. Thread-safe.
class CertificateStore {
 public:
  // Errors: those of ReadCertificates.
  static absl::StatusOr<std::shared_ptr<CertificateStore>> Open(CertificateFiles files, std::string what, FileWatcher& watcher);

  // Another object after each reload.
  std::shared_ptr<const Certificates> current() const { return current_.get(); }

 private:
  explicit CertificateStore(CertificateFiles files) : files_(std::move(files)) {}
  absl::Status Load();

  const CertificateFiles files_;
  Reloadable<Certificates> current_;
};

}  // namespace verdict
