#include "services/classifier/lifecycle_options.h"

namespace verdict {

void DeclareLifecycleOptions(OptionParser& parser, LifecycleOptions& options) {
  parser
      .Add("lame-duck-ms", options.lame_duck_ms,
           "After SIGTERM, how long requests are still taken while health says NOT_SERVING, so that callers and load balancers "
           "that "
           "watch it go elsewhere first. Part of --drain-timeout-ms. Not in `serve`, where the gateway's counts")
      ->check(CLI::Range(0, 3'600'000));
  parser
      .Add("drain-timeout-ms", options.drain_timeout_ms,
           "After SIGTERM, how long requests under way may take before they are cut off")
      ->check(CLI::Range(0, 3'600'000));
  parser
      .Add("wedged-after-ms", options.wedged_after_ms,
           "A forward pass that has not ended after this long, or after twenty times what passes of its length take here if that "
           "is "
           "longer, is stuck: health says NOT_SERVING, `liveness` too, and `serve` starts the service anew. 0: passes may take "
           "for "
           "ever")
      ->check(CLI::Range(0, 86'400'000));
}

absl::Status CheckLifecycleOptions(const LifecycleOptions& options) {
  if (options.lame_duck_ms == 0 || options.lame_duck_ms < options.drain_timeout_ms) return absl::OkStatus();
  return absl::InvalidArgumentError("--lame-duck-ms: must be less than --drain-timeout-ms, of which it is a part");
}

}  // namespace verdict
