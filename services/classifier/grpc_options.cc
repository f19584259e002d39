#include "services/classifier/grpc_options.h"

namespace verdict {

void DeclareGrpcOptions(OptionParser& parser, GrpcOptions& options) {
  constexpr int kDay = 86'400'000;
  parser
      .Add("grpc-keepalive-time-ms", options.connections.keepalive_time_ms,
           "How long a connection may be silent before it is asked whether its caller is still there")
      ->check(CLI::Range(1'000, kDay));
  parser
      .Add("grpc-keepalive-timeout-ms", options.connections.keepalive_timeout_ms,
           "How long the answer to that may take before the connection is closed")
      ->check(CLI::Range(100, kDay));
  parser
      .Add("grpc-min-ping-interval-ms", options.connections.min_ping_interval_ms,
           "How often a caller may ask the same, with or without calls; one that asks more often loses its connection")
      ->check(CLI::Range(0, kDay));
  parser
      .Add("grpc-max-connection-idle-ms", options.connections.max_idle_ms,
           "How long a connection may be without calls before it is closed; 0: for ever")
      ->check(CLI::Range(0, kDay));
  parser
      .Add("grpc-max-connection-age-ms", options.connections.max_age_ms,
           "After how long (a tenth more or less) a connection is closed, once its calls are done, so that its caller connects "
           "anew: "
           "5 to 30 minutes (300000 to 1800000) spread callers over replicas behind a balancer of connections; 0: never")
      ->check(CLI::Range(0, kDay));
  parser
      .Add("grpc-max-connection-age-grace-ms", options.connections.max_age_grace_ms,
           "How long calls may still take on such a connection, streams among them; 0: as long as they like")
      ->check(CLI::Range(0, kDay));
  parser
      .Add("max-stream-requests", options.max_stream_requests,
           "Most requests of one stream that are worked on at one time; the stream is not read on while there are as many")
      ->check(CLI::Range(1, 1 << 16));
  parser.Add("reflection", options.reflection,
             "Whether to tell callers which services there are and what their messages look like, as grpcurl asks");
}

}  // namespace verdict
