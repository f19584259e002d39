#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/options.h"
#include "security/access.h"
#include "security/certificates.h"

namespace verdict {

// Whether a caller must have a certificate, where certificates are asked for.
enum class ClientCertificate { kRequired, kOptional };

// What an operator says about who may connect, and call. Both programs have these options.
struct SecurityFlags {
  std::string tls_cert = {};
  std::string tls_key = {};
  std::string tls_client_ca = {};
  std::string tls_client_certificate = "required";
  std::string api_keys_file = {};
  std::string client_certificates_file = {};
  std::string client_certificate_roles = "inference,models-read,metrics,docs";
  std::string anonymous_roles = {};
  std::string jwt_jwks_file = {};
  std::string jwt_issuer = {};
  std::string jwt_audience = {};
  std::vector<std::string> jwt_algorithms = {"RS256", "PS256", "ES256", "EdDSA"};
  int jwt_leeway_s = 30;
  std::string jwt_roles_claim = "scope";
  std::string jwt_role_prefix = "verdict:";
  int security_reload_ms = 5'000;
};

void DeclareSecurityOptions(OptionParser& parser, SecurityFlags& flags);

// Those that were set by flag or config file, as variables of the environment: a process of ours that inherits it asks of its
// callers what we ask of ours.
std::vector<std::pair<std::string, std::string>> SecurityVariables(const OptionParser& parser);

// What the flags name, read, checked and watched.
struct Security {
  std::shared_ptr<CertificateStore> certificates;  // null: connections are plain
  ClientCertificate client_certificate = ClientCertificate::kRequired;
  std::shared_ptr<const Access> access;
  std::unique_ptr<FileWatcher> files;  // to be started
};

// `gateway_key_hash`: see Access::Options. Errors are for the operator.
absl::StatusOr<Security> OpenSecurity(const SecurityFlags& flags, const std::string& gateway_key_hash = "");

// The variable through which the gateway of `serve` tells its service the hash of its key.
inline constexpr char kGatewayKeyHashVariable[] = "VERDICT_GATEWAY_KEY_SHA256";

}  // namespace verdict
