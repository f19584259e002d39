#include "telemetry/otlp/endpoint.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "telemetry/resource.h"

namespace verdict {
namespace {

constexpr std::string_view kTracesPath = "/v1/traces";

absl::Status NoEndpoint(std::string_view url) {
  return absl::InvalidArgumentError(
      absl::StrCat("\"", std::string(url), "\": expected http://host:port, https://host:port or host:port"));
}

bool IsPort(const std::string& text) {
  int port;
  return absl::SimpleAtoi(text, &port) && port > 0 && port <= 65535;
}

bool IsHeaderName(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.';
  });
}

bool IsHeaderValue(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

// "host", "host:port", "[v6]" or "[v6]:port".
bool SplitAuthority(const std::string& authority, OtlpEndpoint& endpoint) {
  const size_t bracket = authority.starts_with('[') ? authority.find(']') : 0;
  if (bracket == std::string::npos) return false;
  const size_t colon = authority.find(':', bracket);
  endpoint.host = authority.substr(0, colon);
  if (endpoint.host.starts_with('[')) endpoint.host = endpoint.host.substr(1, bracket - 1);
  if (colon != std::string::npos) endpoint.port = authority.substr(colon + 1);
  return !endpoint.host.empty() && IsPort(endpoint.port);
}

}  // namespace

std::string OtlpEndpoint::target() const {
  if (port.empty()) return host;
  return host.find(':') == std::string::npos ? absl::StrCat(host, ":", port) : absl::StrCat("[", host, "]:", port);
}

absl::StatusOr<OtlpEndpoint> ParseOtlpEndpoint(std::string_view url, std::string_view protocol, bool path_is_whole) {
  OtlpEndpoint endpoint;
  if (protocol == "http/protobuf") {
    endpoint.protocol = OtlpEndpoint::Protocol::kHttpProtobuf;
  } else if (protocol != "grpc") {
    return absl::InvalidArgumentError(absl::StrCat("\"", std::string(protocol), "\" is no protocol: use grpc or http/protobuf"));
  }
  const bool http = endpoint.protocol == OtlpEndpoint::Protocol::kHttpProtobuf;
  std::string rest(url);
  if (rest.starts_with("unix:")) {
    endpoint.host = rest;
    return http ? absl::StatusOr<OtlpEndpoint>(NoEndpoint(url)) : endpoint;
  }
  if (const size_t scheme = rest.find("://"); scheme != std::string::npos) {
    const std::string name = absl::AsciiStrToLower(rest.substr(0, scheme));
    if (name != "http" && name != "https") return NoEndpoint(url);
    endpoint.tls = name == "https";
    rest = rest.substr(scheme + 3);
  }
  const size_t slash = rest.find('/');
  if (slash != std::string::npos) endpoint.path = rest.substr(slash);
  endpoint.port = http ? "4318" : "4317";
  // What stands before an @ is a secret, which is shown nowhere.
  if (rest.find('@') != std::string::npos) {
    return absl::InvalidArgumentError(
        "an address with a user and a password is not taken: give host:port here, and the credential as --otlp-headers");
  }
  if (!IsHeaderValue(rest) || rest.find_first_of(" ?#") != std::string::npos) return NoEndpoint("what is given");
  if (!SplitAuthority(rest.substr(0, slash), endpoint)) return NoEndpoint(url);
  if (!http || path_is_whole) {
    if (http && endpoint.path.empty()) endpoint.path = "/";
    return endpoint;
  }
  while (endpoint.path.ends_with('/')) endpoint.path.pop_back();
  if (!endpoint.path.ends_with(kTracesPath)) endpoint.path += kTracesPath;
  return endpoint;
}

absl::Status AddOtlpHeaders(std::string_view headers, OtlpEndpoint& endpoint) {
  auto pairs = ParsePairs(headers);
  if (!pairs.ok()) return pairs.status();
  for (auto& [name, value] : *pairs) {
    if (!IsHeaderName(name) || !IsHeaderValue(value)) {
      return absl::InvalidArgumentError(
          absl::StrCat("header ", name, ": a name of letters, digits and -_. and a value of ASCII are expected"));
    }
    endpoint.headers.emplace_back(absl::AsciiStrToLower(name), std::move(value));
  }
  return absl::OkStatus();
}

}  // namespace verdict
