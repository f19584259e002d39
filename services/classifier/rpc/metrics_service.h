#pragma once

#include <functional>
#include <string>

#include "verdict/v1/metrics.grpc.pb.h"

namespace verdict {

// verdict.v1.Metrics. Thread-safe.
class MetricsService : public v1::Metrics::CallbackService {
 public:
  // Writes all metrics, in OpenMetrics or in Prometheus' text format, without the end of the format. Thread-safe.
  using Write = std::function<std::string(bool open_metrics)>;

  explicit MetricsService(Write write) : write_(std::move(write)) {}

  grpc::ServerUnaryReactor* Collect(grpc::CallbackServerContext* context, const v1::CollectMetricsRequest* request,
                                    v1::CollectMetricsResponse* response) override {
    response->set_text(write_(request->open_metrics()));
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  const Write write_;
};

}  // namespace verdict
