#include "services/classifier/rpc/tls_credentials.h"

#include <string>
#include <utility>
#include <vector>

#include "grpc/grpc.h"
#include "grpc/grpc_security.h"

namespace verdict {
namespace {

constexpr absl::Duration kSessionLife = absl::Minutes(1);

// Everything that gRPC asks for new certificates: before each handshake, one at a time.
class Fetcher {
 public:
  Fetcher(std::shared_ptr<CertificateStore> certificates, std::function<absl::Time()> now)
      : certificates_(std::move(certificates)), now_(std::move(now)) {}

  static grpc_ssl_certificate_config_reload_status Fetch(void* fetcher, grpc_ssl_server_certificate_config** config) {
    return static_cast<Fetcher*>(fetcher)->Next(config);
  }

 private:
  grpc_ssl_certificate_config_reload_status Next(grpc_ssl_server_certificate_config** config) {
    auto current = certificates_->current();
    // The keys of tickets are new with each. So a session is resumed for a minute at most: its client's certificate is not looked
    // at again, and who resumed often enough would be let in for ever. Not new for each handshake: that takes a millisecond, and
    // thirty with a long list of authorities.
    const bool old = !current->authority.empty() && now_() >= given_at_ + kSessionLife;
    if (current == given_ && !old) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    given_at_ = now_();
    const grpc_ssl_pem_key_cert_pair pair{current->key.c_str(), current->chain.c_str()};
    // gRPC as Debian builds it ends the process where there is no authority, although it is not looked at where clients are not
    // asked for certificates; so it gets some certificate.
    const std::string& authority = current->authority.empty() ? current->chain : current->authority;
    *config = grpc_ssl_server_certificate_config_create(authority.c_str(), &pair, 1);
    given_ = std::move(current);
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

  const std::shared_ptr<CertificateStore> certificates_;
  const std::function<absl::Time()> now_;
  std::shared_ptr<const Certificates> given_;
  absl::Time given_at_ = absl::InfinitePast();
};

grpc_ssl_client_certificate_request_type RequestType(const CertificateStore& certificates, ClientCertificate client_certificate) {
  if (certificates.current()->authority.empty()) return GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE;
  return client_certificate == ClientCertificate::kRequired ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                                                            : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY;
}

class ReloadingCredentials final : public grpc::ServerCredentials {
 public:
  ReloadingCredentials(std::shared_ptr<CertificateStore> certificates, ClientCertificate client_certificate,
                       std::function<absl::Time()> now)
      : type_(RequestType(*certificates, client_certificate)), certificates_(std::move(certificates)), now_(std::move(now)) {}

  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}  // not used

 private:
  // A fetcher for each port, because each port builds its own of what is fetched.
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    fetchers_.push_back(std::make_unique<Fetcher>(certificates_, now_));
    grpc_server_credentials* const credentials = grpc_ssl_server_credentials_create_with_options(
        grpc_ssl_server_credentials_create_options_using_config_fetcher(type_, Fetcher::Fetch, fetchers_.back().get()));
    const int port = grpc_server_add_http2_port(server, address.c_str(), credentials);
    grpc_server_credentials_release(credentials);
    return port;
  }

  const grpc_ssl_client_certificate_request_type type_;
  const std::shared_ptr<CertificateStore> certificates_;
  const std::function<absl::Time()> now_;
  std::vector<std::unique_ptr<Fetcher>> fetchers_;
};

}  // namespace

std::shared_ptr<grpc::ServerCredentials> TlsCredentials(std::shared_ptr<CertificateStore> certificates,
                                                        ClientCertificate client_certificate, std::function<absl::Time()> now) {
  return std::make_shared<ReloadingCredentials>(std::move(certificates), client_certificate, std::move(now));
}

}  // namespace verdict
