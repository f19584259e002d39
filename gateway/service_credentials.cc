#include "gateway/service_credentials.h"

#include <utility>

namespace verdict {
namespace {

constexpr char kSystem[] = "system";

}  // namespace

void DeclareServiceCredentials(OptionParser& parser, ServiceCredentialFlags& flags) {
  parser.Add(
      "service-tls-ca", flags.tls_ca,
      "PEM file of the authorities that vouch for the service's certificate, or the word system for those of this machine: "
      "the gateway then speaks TLS with it. Empty: plain. Not used by `serve`");
  parser.Add("service-tls-cert", flags.tls_cert, "PEM file of the gateway's own certificate, for a service that asks for one");
  parser.Add("service-tls-key", flags.tls_key, "PEM file of its private key, without a pass phrase");
  parser.Add("service-tls-name", flags.tls_name,
             "The name that the service's certificate must have; empty: the host of --service-address");
  parser.Add(
      "service-api-key-file", flags.api_key_file,
      "File of the API key that the gateway shows to the service; it needs the roles of all that the gateway's callers may "
      "do. Read again when it changes");
}

absl::StatusOr<ServiceConnection> OpenServiceConnection(const ServiceCredentialFlags& flags, FileWatcher& files) {
  ServiceConnection connection{.server_name = flags.tls_name};
  if (flags.tls_ca.empty() && !(flags.tls_cert.empty() && flags.tls_key.empty()))
    return absl::InvalidArgumentError("--service-tls-cert needs --service-tls-ca");
  if (!flags.tls_ca.empty()) {
    const std::string authority = flags.tls_ca == kSystem ? "" : flags.tls_ca;
    auto store = CertificateStore::Open({flags.tls_cert, flags.tls_key, authority}, "certificates for the service", files);
    if (!store.ok()) return store.status();
    connection.certificates = *std::move(store);
  }
  if (!flags.api_key_file.empty()) {
    auto key = SecretFile::Open(flags.api_key_file, "API key for the service", files);
    if (!key.ok()) return key.status();
    connection.api_key = *std::move(key);
  }
  return connection;
}

}  // namespace verdict
