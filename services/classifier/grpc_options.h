#pragma once

#include "common/options.h"
#include "services/classifier/rpc/connections.h"

namespace verdict {

// How verdict-service treats connections and streams.
struct GrpcOptions {
  ConnectionLimits connections;
  bool reflection = true;
  int max_stream_requests = 32;
};

void DeclareGrpcOptions(OptionParser& parser, GrpcOptions& options);

}  // namespace verdict
