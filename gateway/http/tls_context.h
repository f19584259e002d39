#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "security/certificates.h"
#include "security/openssl.h"
#include "security/options.h"

namespace verdict {

// How the server's side of TLS is set up: TLS 1.2 and 1.3, HTTP/1.1 by ALPN, no renegotiation, resumption by tickets alone and
// not where clients show certificates, and the certificates of a store as they are now. Thread-safe.
class TlsContext {
 public:
  TlsContext(std::shared_ptr<CertificateStore> certificates, ClientCertificate client_certificate)
      : certificates_(std::move(certificates)), client_certificate_(client_certificate) {}

  // For one connection; null when OpenSSL has no memory for it. After the certificates have changed, new connections get the new
  // ones, and the old ones go on.
  SslPtr NewConnection();

 private:
  SSL_CTX* Current();  // needs mutex_

  const std::shared_ptr<CertificateStore> certificates_;
  const ClientCertificate client_certificate_;
  std::mutex mutex_;
  std::shared_ptr<const Certificates> built_of_;
  SslContextPtr context_;
};

}  // namespace verdict
