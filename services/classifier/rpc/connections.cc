#include "services/classifier/rpc/connections.h"

#include <limits>

#include "grpcpp/resource_quota.h"

namespace verdict {
namespace {

int OrNever(int milliseconds) { return milliseconds == 0 ? std::numeric_limits<int>::max() : milliseconds; }

}  // namespace

void LimitConnections(const ConnectionLimits& limits, grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, limits.keepalive_time_ms);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, limits.keepalive_timeout_ms);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);  // of ours: as many as the times above make
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, limits.min_ping_interval_ms);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, limits.handshake_timeout_ms);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, OrNever(limits.max_idle_ms));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, OrNever(limits.max_age_ms));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, OrNever(limits.max_age_grace_ms));
}

void RefuseCompressed(grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
}

// No limit on the calls of a connection: a gateway has all of its own on one, and they would wait there unseen instead of being
// refused.
void LimitMessages(int64_t bytes, grpc::ServerBuilder& builder) {
  grpc::ResourceQuota quota("messages");
  quota.Resize(static_cast<size_t>(bytes));
  builder.SetResourceQuota(quota);
}

}  // namespace verdict
