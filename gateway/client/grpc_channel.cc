#include "gateway/client/grpc_channel.h"

#include <string>

#include "absl/strings/match.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"

namespace verdict {
namespace {

constexpr int kFirstBackoffMs = 100;
constexpr int kMaxBackoffMs = 500;
// A connection whose other end has vanished without a word is found out this soon, and the service connected to anew. Services
// refuse to be asked more often than every ten seconds (--grpc-min-ping-interval-ms).
constexpr int kKeepaliveMs = 11'000;
constexpr int kKeepaliveTimeoutMs = 8'000;  // a service that computes on all processors answers late
// gRPC's name notwithstanding, this is how long one attempt to connect may take.
constexpr int kConnectTimeoutMs = 2000;
// A name with several addresses: calls take turns over those whose health check says that they serve.
constexpr char kEachAddress[] =
    R"({"loadBalancingConfig":[{"round_robin":{}}],"healthCheckConfig":{"serviceName":"verdict.v1.Classifier"}})";
constexpr int kUnlimited = -1;

// Leaves out what every call would pass through and our service makes no use of: compression, statistics for channelz, message
// limits, load reports. Deadlines would go as well, and are asked for again.
void KeepCallsLean(grpc::ChannelArguments& arguments) {
  arguments.SetInt(GRPC_ARG_MINIMAL_STACK, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_DEADLINE_CHECKS, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_PER_MESSAGE_COMPRESSION, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_CHANNELZ, 0);
}

std::shared_ptr<grpc::ChannelCredentials> CredentialsOf(const Certificates* certificates) {
  if (certificates == nullptr) return grpc::InsecureChannelCredentials();
  return grpc::SslCredentials({certificates->authority, certificates->key, certificates->chain});
}

}  // namespace

std::shared_ptr<grpc::Channel> ConnectToService(const ServiceConnection& connection, const Certificates* certificates) {
  const std::string& target = connection.target;
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstBackoffMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kMaxBackoffMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMs);
  // A proxy named by the environment is for the way out, not for the way to our own service.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  if (absl::StartsWith(target, "dns:")) arguments.SetServiceConfigJSON(kEachAddress);
  KeepCallsLean(arguments);
  arguments.SetMaxReceiveMessageSize(kUnlimited);
  arguments.SetMaxSendMessageSize(kUnlimited);
  if (!connection.server_name.empty()) arguments.SetSslTargetNameOverride(connection.server_name);
  return grpc::CreateCustomChannel(target, CredentialsOf(certificates), arguments);
}

}  // namespace verdict
