#include "gateway/service_options.h"

#include <climits>

namespace verdict {

void DeclareServiceOptions(OptionParser& parser, ServiceFlags& flags) {
  parser.Add(
      "service-address", flags.addresses,
      "Where verdict-service listens: host:port, unix:/path, or dns:///name:port, which takes turns over all addresses of the "
      "name. Several, repeated or separated by commas, share the calls and stand in for each other. Not used by `serve`, "
      "which has a service of its own");
  parser
      .Add(
          "service-retry-ms", flags.retry_ms,
          "For so long after the service was last seen serving, classifications that it cannot take wait for its return, within "
          "their deadlines: a restart is not seen by callers. A service that is away for longer gives a 503 at once. Loading and "
          "unloading of models, and overload, are never tried again. 0: nothing is")
      ->check(CLI::Range(0, INT_MAX));
  parser
      .Add(
          "service-silent-ms", flags.silent_ms,
          "A service that answers no health check for this long is taken for hung: its calls are taken away and go to another or "
          "get a 503, and `serve` kills and restarts it. Raise it where the service shares its processors with much else")
      ->check(CLI::Range(100, INT_MAX));
}

ReplicatedClassifierClient::Options ReplicationOf(const ServiceFlags& flags) {
  ReplicatedClassifierClient::Options options;
  options.retry.bridge = absl::Milliseconds(flags.retry_ms);
  options.health_interval = absl::Milliseconds(flags.silent_ms) / options.most_misses;
  return options;
}

}  // namespace verdict
