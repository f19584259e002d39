#include "security/options.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"

namespace verdict {
namespace {

void DeclareTls(OptionParser& parser, SecurityFlags& flags) {
  parser.Add("tls-cert", flags.tls_cert,
             "PEM file of the certificate that TCP ports show, and of those between it and its root: callers must use TLS (1.2 "
             "or 1.3) then. Read again when it changes. Empty: plain connections");
  parser.Add("tls-key", flags.tls_key, "PEM file of the certificate's private key, without a pass phrase");
  parser.Add(
      "tls-client-ca", flags.tls_client_ca,
      "PEM file of the authorities whose clients are let in by their certificates (mutual TLS); empty: nobody is asked for "
      "a certificate");
  parser
      .Add("tls-client-certificate", flags.tls_client_certificate,
           "With --tls-client-ca: required refuses connections without a certificate, health checks as well; optional lets them "
           "connect, and what they may do is up to their other credentials, as probes of Kubernetes need it")
      ->check(CLI::IsMember({"required", "optional"}));
}

void DeclareAccess(OptionParser& parser, SecurityFlags& flags) {
  parser.Add("api-keys-file", flags.api_keys_file,
             "File of API keys, a line each: NAME ROLES sha256:HEX (docs/security.md says how to make one). Callers send theirs "
             "as `Authorization: Bearer KEY` or `x-api-key: KEY`. Read again when it changes. Once this or another kind of "
             "credential is configured, callers without one may ask for health alone");
  parser.Add("client-certificates-file", flags.client_certificates_file,
             "File that says which client certificates may do what, a line each: NAME ROLES, where NAME is uri:…, dns:…, "
             "email:… or cn:… of the certificate. Read again when it changes");
  parser.Add("client-certificate-roles", flags.client_certificate_roles,
             "What a verified client certificate may do that --client-certificates-file does not name; roles are inference, "
             "models-read, admin, metrics, docs and delegate; * is all of them, and empty none");
  parser.Add("anonymous-roles", flags.anonymous_roles,
             "What callers without any credential may do, once credentials are configured: metrics lets Prometheus scrape "
             "without a key, docs shows the pages");
  parser
      .Add("security-reload-ms", flags.security_reload_ms, "How often certificates, keys and the like are looked at for changes")
      ->check(CLI::Range(10, 86'400'000));
}

void DeclareJwt(OptionParser& parser, SecurityFlags& flags) {
  parser.Add(
      "jwt-jwks-file", flags.jwt_jwks_file,
      "File of the public keys (a JSON Web Key Set) that sign the tokens which callers send as `Authorization: Bearer`. Nothing "
      "is fetched: whatever keeps the file fresh is yours. Read again when it changes");
  parser.Add("jwt-issuer", flags.jwt_issuer, "The issuer (iss) that tokens must name; needed with --jwt-jwks-file");
  parser.Add(
      "jwt-audience", flags.jwt_audience,
      "The audience (aud) that tokens must name, so that those for other services do not count; needed with --jwt-jwks-file");
  parser.Add("jwt-algorithms", flags.jwt_algorithms, "How tokens may be signed: some of RS256, PS256, ES256 and EdDSA")
      ->check(CLI::IsMember({"RS256", "PS256", "ES256", "EdDSA"}));
  parser.Add("jwt-leeway-s", flags.jwt_leeway_s, "By how many seconds the clocks of issuer and verifier may differ")
      ->check(CLI::Range(0, 600));
  parser.Add("jwt-roles-claim", flags.jwt_roles_claim, "The claim that holds roles: words between spaces, or a list");
  parser.Add("jwt-role-prefix", flags.jwt_role_prefix,
             "What stands before a role in that claim (verdict:inference), so that an \"admin\" of something else is none here");
}

absl::Status CheckJwt(const SecurityFlags& flags) {
  const bool has_issuer = !flags.jwt_issuer.empty(), has_audience = !flags.jwt_audience.empty();
  if (flags.jwt_jwks_file.empty() && (has_issuer || has_audience)) {
    return absl::InvalidArgumentError(
        "--jwt-issuer and --jwt-audience need --jwt-jwks-file: without keys no token would be asked for, and everybody let in");
  }
  if (flags.jwt_jwks_file.empty() || (has_issuer && has_audience)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "--jwt-jwks-file needs --jwt-issuer and --jwt-audience: without them the tokens of other services would count");
}

bool HasCredentials(const SecurityFlags& flags) {
  return !flags.api_keys_file.empty() || !flags.tls_client_ca.empty() || !flags.jwt_jwks_file.empty();
}

JwtRules RulesOf(const SecurityFlags& flags) {
  JwtRules rules{.issuer = flags.jwt_issuer, .audience = flags.jwt_audience, .algorithms = {}};
  rules.leeway = absl::Seconds(flags.jwt_leeway_s);
  rules.roles_claim = flags.jwt_roles_claim;
  rules.role_prefix = flags.jwt_role_prefix;
  for (const std::string& name : flags.jwt_algorithms) {
    if (const auto algorithm = FindJwtAlgorithm(name)) rules.algorithms.push_back(*algorithm);
  }
  return rules;
}

absl::Status CheckTls(const SecurityFlags& flags) {
  if (flags.tls_cert.empty() != flags.tls_key.empty())
    return absl::InvalidArgumentError("--tls-cert and --tls-key are given together, or neither");
  if (!flags.tls_client_ca.empty() && flags.tls_cert.empty())
    return absl::InvalidArgumentError("--tls-client-ca needs --tls-cert and --tls-key");
  if (!flags.client_certificates_file.empty() && flags.tls_client_ca.empty())
    return absl::InvalidArgumentError("--client-certificates-file needs --tls-client-ca");
  return absl::OkStatus();
}

absl::StatusOr<Roles> RolesOf(const char* flag, const std::string& names) {
  auto roles = ParseRoles(names);
  if (!roles.ok()) return absl::InvalidArgumentError(absl::StrCat(flag, ": ", roles.status().message()));
  return roles;
}

}  // namespace

void DeclareSecurityOptions(OptionParser& parser, SecurityFlags& flags) {
  DeclareTls(parser, flags);
  DeclareAccess(parser, flags);
  DeclareJwt(parser, flags);
}

std::vector<std::pair<std::string, std::string>> SecurityVariables(const OptionParser& parser) {
  OptionParser declared("", "", "");
  SecurityFlags flags;
  DeclareSecurityOptions(declared, flags);
  std::set<std::string> names;
  for (const OptionParser::Setting& setting : declared.Effective()) names.insert(setting.name);
  names.erase("config");
  return parser.ForChild([&](const std::string& name) { return names.contains(name); });
}

absl::StatusOr<Security> OpenSecurity(const SecurityFlags& flags, const std::string& gateway_key_hash) {
  if (absl::Status status = CheckTls(flags); !status.ok()) return status;
  if (absl::Status status = CheckJwt(flags); !status.ok()) return status;
  const auto certificate_roles = RolesOf("--client-certificate-roles", flags.client_certificate_roles);
  if (!certificate_roles.ok()) return certificate_roles.status();
  const auto anonymous_roles = RolesOf("--anonymous-roles", flags.anonymous_roles);
  if (!anonymous_roles.ok()) return anonymous_roles.status();
  if (!flags.anonymous_roles.empty() && !HasCredentials(flags)) {
    return absl::InvalidArgumentError(
        "--anonymous-roles needs --api-keys-file, --jwt-jwks-file or --tls-client-ca: without them everybody may do everything");
  }
  Security security;
  security.files = std::make_unique<FileWatcher>(absl::Milliseconds(flags.security_reload_ms));
  if (flags.tls_client_certificate == "optional") security.client_certificate = ClientCertificate::kOptional;
  if (!flags.tls_cert.empty()) {
    auto store = CertificateStore::Open({flags.tls_cert, flags.tls_key, flags.tls_client_ca}, "certificates", *security.files);
    if (!store.ok()) return store.status();
    security.certificates = *std::move(store);
  }
  auto access = Access::Create({.api_keys_file = flags.api_keys_file,
                                .gateway_key_hash = gateway_key_hash,
                                .certificates = !flags.tls_client_ca.empty(),
                                .client_certificates_file = flags.client_certificates_file,
                                .jwks_file = flags.jwt_jwks_file,
                                .jwt = RulesOf(flags),
                                .certificate_roles = *certificate_roles,
                                .anonymous_roles = *anonymous_roles},
                               *security.files);
  if (!access.ok()) return access.status();
  security.access = *std::move(access);
  return security;
}

}  // namespace verdict
