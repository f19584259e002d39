#pragma once

#include <memory>

#include "absl/time/time.h"
#include "gateway/client/classifier_client.h"
#include "gateway/client/metrics_client.h"
#include "gateway/http/http_handler.h"
#include "gateway/metrics/gateway_metrics.h"

namespace verdict {

// Answers GET /metrics: the gateway's own, and the service's where it is asked, which outlives the handler, and answers in time.
// A service that does not costs a scrape its metrics and no more; verdict_gateway_service_metrics_up says so.
struct MetricsSources {
  std::shared_ptr<GatewayMetrics> own;
  ClassifierClient* health = nullptr;                  // asked at each scrape for what verdict_gateway_service_healthy says
  MetricsClient* service = nullptr;                    // null: the gateway's alone
  absl::Duration patience = absl::Milliseconds(1000);  // scrapers wait for ten seconds or so
};
HttpHandler MakeMetricsHandler(MetricsSources sources);

}  // namespace verdict
