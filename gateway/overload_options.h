#pragma once

#include <cstdint>

#include "common/options.h"
#include "gateway/http/http_limits.h"

namespace verdict {

// How much the gateway takes on, as flags.
struct OverloadFlags {
  int max_connections = 10'000;
  int max_connections_per_address = 0;
  uint64_t max_inflight_body_bytes = 0;  // 0: by the memory; see InflightBodyBytes
  int min_body_rate = 500;
};

void DeclareOverloadOptions(OptionParser& parser, OverloadFlags& flags);

// Reads the memory limit where the flags leave it to that. `limits` has the body's limit already.
void ApplyOverloadFlags(const OverloadFlags& flags, HttpLimits& limits);

// What max_inflight_body_bytes comes to: an eighth of the memory that the process may use, but room for one body of `body_bytes`
// in any case, and no more than 1 GiB.
uint64_t InflightBodyBytes(const OverloadFlags& flags, int64_t memory_limit, uint64_t body_bytes);

}  // namespace verdict
