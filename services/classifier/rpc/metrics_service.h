#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/unread_answers.h"
#include "verdict/v1/metrics.grpc.pb.h"

namespace verdict {

// verdict.v1.Metrics. Thread-safe.
class MetricsService : public v1::Metrics::WithRawCallbackMethod_Collect<v1::Metrics::Service> {
 public:
  // Writes all metrics, in OpenMetrics or in Prometheus' text format, without the end of the format. Thread-safe.
  using Write = std::function<std::string(bool open_metrics)>;

  explicit MetricsService(Write write, std::shared_ptr<UnreadAnswers> unread = nullptr)
      : write_(std::move(write)), unread_(std::move(unread)) {}

  grpc::ServerUnaryReactor* Collect(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                    grpc::ByteBuffer* response) override;

 private:
  const Write write_;
  const std::shared_ptr<UnreadAnswers> unread_;
};

}  // namespace verdict
