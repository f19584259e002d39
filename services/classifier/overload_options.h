#pragma once

#include <cstdint>

#include "common/options.h"

namespace verdict {

// How much work verdict-service takes on.
struct OverloadOptions {
  int max_queued_texts = 4096;
  int64_t max_queued_bytes = 0;  // 0: by the memory; see QueuedBytes
  int max_queue_wait_ms = 10'000;
};

void DeclareOverloadOptions(OptionParser& parser, OverloadOptions& options);

// What max_queued_bytes comes to: an eighth of the memory that the process may use, but room for one message of
// `max_message_bytes` in any case, and no more than 256 MiB.
int64_t QueuedBytes(const OverloadOptions& options, int64_t memory_limit, int64_t max_message_bytes);

}  // namespace verdict
