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

// What the messages of all callers may take, from their first byte to the end of their call: as much as may be queued, as much
// again for what waits in streams, and for what is still arriving; but four of the longest in any case, since one may not be gone
// when the next arrives, and 96 MiB.
int64_t MessageBytes(int64_t queued_bytes, int64_t max_message_bytes);

}  // namespace verdict
