#pragma once

#include <string>

namespace verdict {

// A certificate made for a test, in PEM, with its key (P-256).
struct MadeCertificate {
  std::string certificate;
  std::string key;
};

// What a test says of it.
struct CertificateSpec {
  std::string common_name = "localhost";
  std::string alternative_names = "DNS:localhost,IP:127.0.0.1";  // as OpenSSL's configuration has them; empty: none
  int valid_from_s = -3600;                                      // from now
  int valid_for_s = 86'400;                                      // from now
  bool authority = false;
  std::string usage = {};                   // extended key usage: "serverAuth", "clientAuth"; empty: not said
  const MadeCertificate* issuer = nullptr;  // null: it signs itself
};

MadeCertificate MakeCertificate(const CertificateSpec& spec);

}  // namespace verdict
