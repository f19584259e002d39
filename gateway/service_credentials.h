#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/options.h"
#include "gateway/client/service_connection.h"
#include "security/file_watcher.h"

namespace verdict {

// How a gateway proves to a service elsewhere who it is, and the service to it.
struct ServiceCredentialFlags {
  std::string tls_ca = {};
  std::string tls_cert = {};
  std::string tls_key = {};
  std::string tls_name = {};
  std::string api_key_file = {};
};

void DeclareServiceCredentials(OptionParser& parser, ServiceCredentialFlags& flags);

// A connection without its target. The files are read, checked and watched. Errors are for the operator.
absl::StatusOr<ServiceConnection> OpenServiceConnection(const ServiceCredentialFlags& flags, FileWatcher& files);

}  // namespace verdict
