#include "gateway/overload_options.h"

#include <algorithm>
#include <climits>

#include "process/memory_limit.h"

namespace verdict {

void DeclareOverloadOptions(OptionParser& parser, OverloadFlags& flags) {
  parser
      .Add("max-connections", flags.max_connections,
           "More connections get a 429 at once. Each costs a descriptor and 20 to 52 KB; raise the hard limit of open files with "
           "it")
      ->check(CLI::Range(1, INT_MAX));
  parser
      .Add("max-connections-per-address", flags.max_connections_per_address,
           "More connections from one address get a 429 at once, so that one caller cannot take them all. Leave it at 0, no "
           "limit, "
           "behind a load balancer, whose address all callers share")
      ->check(CLI::Range(0, INT_MAX));
  parser
      .Add(
          "max-inflight-body-bytes", flags.max_inflight_body_bytes,
          "Most bytes of bodies in memory at one time, over all requests; what comes beyond gets a 429. A request takes three to "
          "four times its body while it is worked on. Answers that are not read yet may have as many again: beyond that the "
          "oldest are given up. 0: an eighth of the memory limit, 1 GiB at most, and --max-body-bytes at "
          "least")
      ->check(CLI::Range(uint64_t{0}, uint64_t{1} << 40));
  parser
      .Add("min-body-rate", flags.min_body_rate,
           "A body that arrives more slowly than so many bytes a second, after its first 20 seconds, gets a 408")
      ->check(CLI::Range(1, INT_MAX));
}

uint64_t InflightBodyBytes(const OverloadFlags& flags, int64_t memory_limit, uint64_t body_bytes) {
  constexpr uint64_t kMost = uint64_t{1} << 30;
  constexpr uint64_t kShare = 8;
  if (flags.max_inflight_body_bytes > 0) return flags.max_inflight_body_bytes;
  return std::max(std::min(static_cast<uint64_t>(memory_limit) / kShare, kMost), body_bytes);
}

void ApplyOverloadFlags(const OverloadFlags& flags, HttpLimits& limits) {
  limits.max_connections = flags.max_connections;
  limits.max_connections_per_address = flags.max_connections_per_address;
  limits.body_rate = static_cast<uint64_t>(flags.min_body_rate);
  limits.inflight_body_bytes = InflightBodyBytes(flags, CurrentMemory(0).limit, limits.body_bytes);
  limits.unread_answers = std::make_shared<UnreadAnswers>(static_cast<int64_t>(limits.inflight_body_bytes));
}

}  // namespace verdict
