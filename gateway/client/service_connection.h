#pragma once

#include <memory>
#include <string>

#include "security/certificates.h"
#include "security/secret_file.h"

namespace verdict {

// Where the service is, and how the gateway proves who it is.
struct ServiceConnection {
  std::string target = {};  // as gRPC reads it: "host:port", "unix:/path", "unix-abstract:name"
  std::shared_ptr<const CertificateStore> certificates = nullptr;  // for TLS, with the roots of the system where they name no
                                                                   // authority; null: plain
  std::string server_name = {};                         // that the service's certificate must have; empty: the host of the target
  std::shared_ptr<const SecretFile> api_key = nullptr;  // sent with every call; null: none
};

}  // namespace verdict
