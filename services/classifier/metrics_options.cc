#include "services/classifier/metrics_options.h"

namespace verdict {

void DeclareMetricsOptions(OptionParser& parser, std::string& metrics_listen) {
  parser.Add(
      "metrics-listen", metrics_listen,
      "Where scrapers find /metrics over plain HTTP: host:port, or a port alone for all interfaces; empty: nowhere. A gateway "
      "in front has the same metrics at its own /metrics, and needs no port for that");
}

}  // namespace verdict
