#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace verdict {

// Where spans are sent, and how.
struct OtlpEndpoint {
  enum class Protocol { kGrpc, kHttpProtobuf };

  Protocol protocol = Protocol::kGrpc;
  bool tls = false;
  std::string host;                                               // of gRPC: all of "unix:/path", for a socket
  std::string port;                                               // of a socket: empty
  std::string path;                                               // of HTTP, from the slash on
  std::vector<std::pair<std::string, std::string>> headers = {};  // names in lower case
  std::string ca_file = {};  // PEM, of those who may have signed the receiver's certificate; empty: the system's

  // As gRPC reads it.
  std::string target() const;
};

// Reads "http://host:port/path", "https://…", "host:port" (which is http) or, for gRPC, "unix:/path". `protocol` is "grpc" or
// "http/protobuf"; without a port it is 4317 or 4318. For HTTP, "/v1/traces" is added to a path that does not end with it, unless
// `path_is_whole`. Errors: kInvalidArgument.
absl::StatusOr<OtlpEndpoint> ParseOtlpEndpoint(std::string_view url, std::string_view protocol, bool path_is_whole = false);

// Adds the headers of "name=value,name=value". Errors: kInvalidArgument, without any value in its message.
absl::Status AddOtlpHeaders(std::string_view headers, OtlpEndpoint& endpoint);

}  // namespace verdict
