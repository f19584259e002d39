#pragma once

#include <functional>
#include <memory>

#include "absl/time/time.h"
#include "common/steady_clock.h"
#include "grpcpp/security/server_credentials.h"
#include "security/certificates.h"
#include "security/options.h"

namespace verdict {

// TLS (1.2 and 1.3) for a listening port, with the certificates of a store as they are now: connections made after a reload get
// the new ones. gRPC's own FileWatcherCertificateProvider is not used: at version 1.51 its server drops the certificate it has
// before it tries the next, so that one bad file ends all new connections. The fetcher used here keeps the old one.
// Where clients show certificates, a session is resumed within a minute of its beginning at most. `now` never goes back.
std::shared_ptr<grpc::ServerCredentials> TlsCredentials(std::shared_ptr<CertificateStore> certificates,
                                                        ClientCertificate client_certificate,
                                                        std::function<absl::Time()> now = SteadyNow);

}  // namespace verdict
