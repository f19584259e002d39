#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gateway/client/classifier_client.h"
#include "gateway/client/metrics_client.h"
#include "gateway/dialects/registry.h"
#include "gateway/http/http_server.h"
#include "gateway/metrics/gateway_metrics.h"
#include "gateway/metrics_options.h"
#include "gateway/record_stream.h"
#include "gateway/service_access.h"

namespace verdict {

// The HTTP side of Verdict: every dialect's routes in front of one service. Owned by main, used by one thread.
class Gateway {
 public:
  struct Options {
    HttpServer::Options http;
    DialectOptions dialects;
    absl::Duration request_timeout = absl::Seconds(60);  // the most that a classification may take
    // Where the sentiment service's contract is to be had alone, with its own answers to what has no route, and for web pages of
    // any origin unless http.conventions.cors says which. Empty: nowhere.
    std::string sentiment_listen = {};
    RecordStreamOptions records;
    MetricsOptions metrics = {};
  };

  // Listens when it returns. `process` may be empty; so may `metrics`, which /metrics asks for those of the service. Errors:
  // those of HttpServer::Start and MakeDialects.
  static absl::StatusOr<std::unique_ptr<Gateway>> Start(Options options, std::unique_ptr<ClassifierClient> client,
                                                        ProcessState process = {}, MetricsClient* metrics = nullptr);

  int port() const { return servers_.front()->port(); }
  // The port of the sentiment service's contract; 0 when it has none of its own.
  int sentiment_port() const { return servers_.size() > 1 ? servers_.back()->port() : 0; }

  // Whether the service takes requests, as ClassifierClient::CheckHealth. From any thread.
  void CheckService(absl::Time deadline, absl::AnyInvocable<void(absl::Status)> done);

  // Its metrics, as /metrics has them. Thread-safe.
  GatewayMetrics& metrics() { return *metrics_; }

  // The gateway is about to end: whoever asks for its health hears so, connections end with their next answer, and requests are
  // served as before. For a load balancer to find out, and callers to go elsewhere, before Drain.
  void Leave();

  // Stops accepting, finishes what is under way, cuts off at `deadline`. Returns whether nothing was cut off.
  bool Drain(absl::Time deadline);

  ~Gateway();

 private:
  explicit Gateway(std::unique_ptr<ClassifierClient> client);

  // `metrics` answers at /metrics; empty: nobody does.
  absl::Status Listen(HttpServer::Options http, std::vector<Dialect> dialects, const ServiceAccess& service,
                      const RecordStreamOptions& records, HttpHandler metrics = {});

  const std::shared_ptr<GatewayMetrics> metrics_;
  // In this order: the client's destructor waits for its calls, whose answers go through the servers' loops.
  std::vector<std::unique_ptr<HttpServer>> servers_;  // one for everything, and one for the sentiment service's contract
  std::unique_ptr<ClassifierClient> client_;
  const std::shared_ptr<Lifecycle> lifecycle_ = std::make_shared<Lifecycle>();
};

}  // namespace verdict
