#include "gateway/metrics_options.h"

namespace verdict {

void DeclareMetricsOptions(OptionParser& parser, MetricsOptions& options) {
  parser.Add(
      "metrics-of-service", options.of_service,
      "Whether /metrics also has the service's metrics, asked for at each scrape; turn it off where the service is scraped "
      "by itself (its --metrics-listen), or else it counts twice. With several services /metrics has the gateway's alone");
}

}  // namespace verdict
