#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "absl/status/status.h"
#include "gateway/http/http_observer.h"
#include "metrics/registry.h"

namespace verdict {

// What a gateway counts, and its metrics. The label `route` has the patterns of routes and `dialect` the names of contracts, both
// of a fixed number, or nothing where a request found no route. Thread-safe.
class GatewayMetrics final : public HttpObserver {
 public:
  explicit GatewayMetrics(const std::string& version);
  ~GatewayMetrics() override;

  // Makes the series of a route before anybody asks for it.
  void AddRoute(std::string_view route, std::string_view dialect);

  void OnConnectionOpened() override;
  void OnConnectionClosed() override { open_->Add(-1); }
  void OnConnectionRefused() override { refused_connections_->Add(); }
  void OnAcceptFailed() override { failed_accepts_->Add(); }
  void OnHandshakeFailed(HandshakeFailure why) override;
  void OnExchangeBegun() override { in_flight_->Add(1); }
  void OnExchange(const FinishedExchange& exchange) override;

  // A call to the service, from its begin to its end.
  void OnCallBegun() { calls_in_flight_->Add(1); }
  void OnCall(const absl::Status& status, absl::Duration took);
  void OnHealth(const absl::Status& health) { healthy_->Set(health.ok() ? 1 : 0); }
  void OnServiceMetrics(bool there) { service_metrics_up_->Set(there ? 1 : 0); }

  // How often the service of `serve` has been started again, asked at each scrape.
  void ReadRestarts(std::function<int()> restarts);

  // What became of calls that failed at first, asked at each scrape.
  struct Retries {
    uint64_t not_taken = 0, lost = 0, silenced = 0, given_up = 0, over_budget = 0;
  };
  void ReadRetries(std::function<Retries()> retries);

  MetricRegistry& registry() { return registry_; }

 private:
  struct RouteSeries;
  using Key = std::pair<std::string, std::string>;  // route and dialect
  using KeyView = std::pair<std::string_view, std::string_view>;
  struct KeyHash {
    using is_transparent = void;  // NOLINT(readability-identifier-naming): the library looks for it
    size_t operator()(const KeyView& key) const {
      return std::hash<std::string_view>()(key.first) * 31 + std::hash<std::string_view>()(key.second);
    }
  };
  struct KeyEqual {
    using is_transparent = void;  // NOLINT(readability-identifier-naming): the library looks for it
    bool operator()(const KeyView& a, const KeyView& b) const { return a == b; }
  };

  RouteSeries& Find(std::string_view route, std::string_view dialect);  // needs mutex_
  void SetRetries(const Retries& now);
  std::shared_ptr<Counter> StatusSeries(const Key& key, int status);

  MetricRegistry registry_;
  MetricFamily<Counter>& requests_;
  MetricFamily<Histogram>& durations_;
  MetricFamily<Counter>& bytes_in_;
  MetricFamily<Counter>& bytes_out_;
  MetricFamily<Counter>& refusals_;
  MetricFamily<Counter>& calls_;
  MetricFamily<Counter>& failed_handshakes_;
  const std::shared_ptr<Counter> cut_off_;
  const std::shared_ptr<Gauge> in_flight_;
  const std::shared_ptr<Gauge> open_;
  const std::shared_ptr<Counter> connections_;
  const std::shared_ptr<Counter> refused_connections_;
  const std::shared_ptr<Counter> failed_accepts_;
  const std::shared_ptr<Gauge> calls_in_flight_;
  const std::shared_ptr<Histogram> call_seconds_;
  const std::shared_ptr<Gauge> healthy_;
  const std::shared_ptr<Gauge> service_metrics_up_;
  const std::shared_ptr<Gauge> restarts_;
  MetricFamily<Gauge>& retries_;
  MetricFamily<Gauge>& unretried_;
  // Kept, so that counting takes no look-up.
  std::map<absl::StatusCode, std::shared_ptr<Counter>> calls_by_code_;
  std::map<std::string_view, std::shared_ptr<Counter>> refusals_by_reason_;
  std::mutex mutex_;
  std::unordered_map<Key, std::unique_ptr<RouteSeries>, KeyHash, KeyEqual> routes_;
};

}  // namespace verdict
