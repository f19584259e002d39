#include "services/classifier/overload_options.h"

#include <algorithm>

namespace verdict {

void DeclareOverloadOptions(OptionParser& parser, OverloadOptions& options) {
  parser
      .Add("max-queued-texts", options.max_queued_texts,
           "Most texts in the process at one time, over all requests; what comes beyond is refused with RESOURCE_EXHAUSTED")
      ->check(CLI::Range(1, 1 << 24));
  parser
      .Add("max-queued-bytes", options.max_queued_bytes,
           "Most bytes of text in the process at one time; bounds memory under overload. As many again may wait in streams, and "
           "in answers that are not read. 0: an "
           "eighth of the memory limit, 256 MiB at most, and --max-message-bytes at least")
      ->check(CLI::Range(int64_t{0}, int64_t{1} << 40));
  parser
      .Add("max-queue-wait-ms", options.max_queue_wait_ms,
           "A request that would wait longer than this before it is computed is refused at once with RESOURCE_EXHAUSTED, however "
           "late its deadline is; one that takes long itself may wait four times as long as it takes. Lower it to bound the "
           "latency of callers that set no deadline; streams and bodies of records wait outside the queue instead of being "
           "refused. 0: only the deadline counts")
      ->check(CLI::Range(0, 86'400'000));
}

int64_t QueuedBytes(const OverloadOptions& options, int64_t memory_limit, int64_t max_message_bytes) {
  constexpr int64_t kMost = int64_t{256} << 20;
  constexpr int64_t kShare = 8;
  if (options.max_queued_bytes > 0) return options.max_queued_bytes;
  return std::max(std::min(memory_limit / kShare, kMost), max_message_bytes);
}

int64_t MessageBytes(int64_t queued_bytes, int64_t max_message_bytes) {
  constexpr int64_t kLeast = int64_t{96} << 20;  // a message that is too long is to be told so, where it is no giant
  return std::max({3 * queued_bytes, 4 * max_message_bytes, kLeast});
}

}  // namespace verdict
