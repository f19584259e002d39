#pragma once

#include <memory>

#include "grpcpp/security/server_credentials.h"
#include "security/certificates.h"
#include "security/options.h"

namespace verdict {

// TLS (1.2 and 1.3) for a listening port, with the certificates of a store as they are now: connections made after a reload get
// the new ones. gRPC's own FileWatcherCertificateProvider is not used: at version 1.51 its server drops the certificate it has
// before it tries the next, so that one bad file ends all new connections. The fetcher used here keeps the old one.
std::shared_ptr<grpc::ServerCredentials> TlsCredentials(std::shared_ptr<CertificateStore> certificates,
                                                        ClientCertificate client_certificate);

}  // namespace verdict
