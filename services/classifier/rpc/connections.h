#pragma once

#include <cstdint>

#include "grpcpp/server_builder.h"

namespace verdict {

// How long connections live, and how they are found to be dead. 0 means no limit, except for the keepalive.
struct ConnectionLimits {
  int handshake_timeout_ms = 5'000;  // until TLS is there and the first frame; a server that ends waits for it, too
  int keepalive_time_ms = 60'000;
  int keepalive_timeout_ms = 20'000;
  int min_ping_interval_ms = 10'000;
  int max_idle_ms = 0;
  int max_age_ms = 0;
  int max_age_grace_ms = 0;
};

void LimitConnections(const ConnectionLimits& limits, grpc::ServerBuilder& builder);

// Compressed messages are UNIMPLEMENTED: gRPC would inflate them without a limit, also for callers without a credential.
void RefuseCompressed(grpc::ServerBuilder& builder);

// What all messages of all connections may take together, those that are still arriving included, whoever sends them. Beyond that
// gRPC ends calls, one of each connection in turn and whichever it is, with RESOURCE_EXHAUSTED, and connections that have none,
// until it is enough: what stands against hostile callers, not what shares among good ones. The process has been seen to hold 1.4
// times as much of 768 MiB and twice as much of 128, with what is freed and not given back. Of a call that has no message yet
// gRPC counts 2 KB of the 12 to 17 that it takes, so many of these take six to eight times as much.
void LimitMessages(int64_t bytes, grpc::ServerBuilder& builder);

}  // namespace verdict
