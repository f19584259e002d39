#include "gateway/metrics/gateway_metrics.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "metrics/call_codes.h"
#include "metrics/process_metrics.h"

namespace verdict {
namespace {

const std::vector<double> kSeconds = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};

// Those that dashboards and alerts ask for; others appear when they first happen.
constexpr int kUsualStatuses[] = {200, 400, 429, 499, 500, 503, 504};

struct Refusal {
  int status;
  const char* reason;
};

// Why the server answers by itself, where the status tells. What is none of these counts as the first.
constexpr Refusal kRefusals[] = {{400, "bad_request"},       {401, "unauthorized"},       {403, "forbidden"},
                                 {404, "no_route"},          {405, "method_not_allowed"}, {408, "too_slow"},
                                 {411, "no_length"},         {413, "body_too_large"},     {417, "expectation_failed"},
                                 {429, "too_many_requests"}, {431, "header_too_large"},   {501, "unknown_method"},
                                 {505, "http_version"}};
constexpr char kTooManyConnections[] = "too_many_connections";

const char* NameOf(HandshakeFailure why) {
  switch (why) {
    case HandshakeFailure::kPlainHttp:
      return "plain_http";
    case HandshakeFailure::kAbandoned:
      return "abandoned";
    case HandshakeFailure::kOther:
      break;
  }
  return "failed";
}

const char* ReasonOf(const FinishedExchange& exchange) {
  if (exchange.too_many_connections) return kTooManyConnections;
  const auto* const found = std::find_if(std::begin(kRefusals), std::end(kRefusals),
                                         [&](const Refusal& refusal) { return refusal.status == exchange.status; });
  return found == std::end(kRefusals) ? kRefusals[0].reason : found->reason;
}

MetricInfo Info(MetricType type, const char* name, const char* help, std::vector<std::string> labels = {}) {
  MetricInfo info{.name = absl::StrCat("verdict_gateway_", name), .type = type, .help = help, .labels = std::move(labels)};
  if (type == MetricType::kHistogram) info.bounds = kSeconds;
  return info;
}

constexpr auto kCounter = MetricType::kCounter;
constexpr auto kGauge = MetricType::kGauge;
constexpr auto kHistogram = MetricType::kHistogram;

}  // namespace

struct GatewayMetrics::RouteSeries {
  std::map<int, std::shared_ptr<Counter>> by_status;  // guarded by mutex_
  std::shared_ptr<Histogram> seconds;
  std::shared_ptr<Counter> bytes_in, bytes_out;
};

GatewayMetrics::GatewayMetrics(const std::string& version)
    : requests_(registry_.Add<Counter>(Info(kCounter, "requests_total",
                                            "Requests that ended, by route, contract and status; 499: the caller left first",
                                            {"route", "dialect", "code"}))),
      durations_(
          registry_.Add<Histogram>(Info(kHistogram, "request_duration_seconds",
                                        "Time from a request's first byte to the end of its answer", {"route", "dialect"}))),
      bytes_in_(registry_.Add<Counter>(
          Info(kCounter, "received_bytes_total", "Bytes of requests, heads included", {"route", "dialect"}))),
      bytes_out_(
          registry_.Add<Counter>(Info(kCounter, "sent_bytes_total", "Bytes of answers, heads included", {"route", "dialect"}))),
      refusals_(registry_.Add<Counter>(
          Info(kCounter, "refusals_total", "Requests that the gateway answered without asking a handler, by why", {"reason"}))),
      calls_(registry_.Add<Counter>(Info(
          kCounter, "service_calls_total",
          "Classifications that the gateway asked the service for, by gRPC status; a file of records takes many", {"code"}))),
      failed_handshakes_(registry_.Add<Counter>(
          Info(kCounter, "tls_handshakes_failed_total",
               "TLS handshakes that failed: plain_http, somebody spoke HTTP without TLS; abandoned, the caller left or took too "
               "long; failed, anything else, such as a certificate that is not trusted",
               {"reason"}))),
      cut_off_(registry_.AddOne<Counter>(Info(
          kCounter, "cut_off_answers_total",
          "Answers that did not come to their end: streamed ones, and those given up because their callers did not read them"))),
      in_flight_(registry_.AddOne<Gauge>(
          Info(kGauge, "requests_in_flight", "Requests whose head has arrived and whose answer is not sent"))),
      open_(registry_.AddOne<Gauge>(Info(kGauge, "open_connections", "Connections that are open"))),
      connections_(registry_.AddOne<Counter>(Info(kCounter, "connections_total", "Connections that were accepted and served"))),
      refused_connections_(
          registry_.AddOne<Counter>(Info(kCounter, "refused_connections_total", "Connections beyond the most that may be open"))),
      failed_accepts_(registry_.AddOne<Counter>(Info(
          kCounter, "failed_accepts_total",
          "Attempts to accept a connection that failed for want of descriptors or memory; they are made again, 20 each second"))),
      calls_in_flight_(
          registry_.AddOne<Gauge>(Info(kGauge, "service_calls_in_flight", "Classifications that the service has not answered"))),
      call_seconds_(
          registry_.AddOne<Histogram>(Info(kHistogram, "service_call_duration_seconds", "Time that the service took for one"))),
      healthy_(
          registry_.AddOne<Gauge>(Info(kGauge, "service_healthy", "Whether the service serves, asked at each scrape: 1 or 0"))),
      service_metrics_up_(registry_.AddOne<Gauge>(
          Info(kGauge, "service_metrics_up",
               "Whether the service's own metrics are in this answer; 0 also where they are not asked for"))),
      restarts_(
          registry_.AddOne<Gauge>(Info(kCounter, "service_restarts_total", "How often `serve` has started its service again"))),
      retries_(registry_.Add<Gauge>(
          Info(kCounter, "service_retries_total",
               "Calls that were tried again: not_taken, the service was away or ending; lost, the connection broke "
               "under the call; silenced, taken from a service that had stopped answering",
               {"reason"}))),
      unretried_(registry_.Add<Gauge>(
          Info(kCounter, "service_calls_not_retried_total",
               "Calls that failed although they were tried again (given_up), or were not because too many were (over_budget)",
               {"reason"}))) {
  AddProcessMetrics(registry_, {.process = "verdict-gateway", .version = version});
  for (const Refusal& refusal : kRefusals) refusals_by_reason_[refusal.reason] = refusals_.With({refusal.reason});
  refusals_by_reason_[kTooManyConnections] = refusals_.With({kTooManyConnections});
  for (const absl::StatusCode code : kCallCodes) calls_by_code_[code] = calls_.With({absl::StatusCodeToString(code)});
  for (const HandshakeFailure why : {HandshakeFailure::kPlainHttp, HandshakeFailure::kAbandoned, HandshakeFailure::kOther}) {
    failed_handshakes_.With({NameOf(why)});
  }
  Find("", "");
  SetRetries({});
}

GatewayMetrics::~GatewayMetrics() = default;

std::shared_ptr<Counter> GatewayMetrics::StatusSeries(const Key& key, int status) {
  return requests_.With({key.first, key.second, absl::StrCat(status)});
}

GatewayMetrics::RouteSeries& GatewayMetrics::Find(std::string_view route, std::string_view dialect) {
  if (const auto found = routes_.find(KeyView(route, dialect)); found != routes_.end()) return *found->second;
  const Key key(route, dialect);
  std::unique_ptr<RouteSeries>& series = routes_[key];
  series = std::make_unique<RouteSeries>();
  for (const int status : kUsualStatuses) series->by_status[status] = StatusSeries(key, status);
  series->seconds = durations_.With({key.first, key.second});
  series->bytes_in = bytes_in_.With({key.first, key.second});
  series->bytes_out = bytes_out_.With({key.first, key.second});
  return *series;
}

void GatewayMetrics::AddRoute(std::string_view route, std::string_view dialect) {
  const std::lock_guard lock(mutex_);
  Find(route, dialect);
}

void GatewayMetrics::OnConnectionOpened() {
  connections_->Add();
  open_->Add(1);
}

void GatewayMetrics::OnHandshakeFailed(HandshakeFailure why) { failed_handshakes_.With({NameOf(why)})->Add(); }

void GatewayMetrics::OnExchange(const FinishedExchange& exchange) {
  in_flight_->Add(-1);
  if (exchange.refused) refusals_by_reason_.at(ReasonOf(exchange))->Add();
  if (exchange.cut_off) cut_off_->Add();
  const std::lock_guard lock(mutex_);
  RouteSeries& series = Find(exchange.route, exchange.dialect);
  std::shared_ptr<Counter>& requests = series.by_status[exchange.status];
  if (!requests) requests = StatusSeries({std::string(exchange.route), std::string(exchange.dialect)}, exchange.status);
  requests->Add();
  series.seconds->Observe(absl::ToDoubleSeconds(exchange.duration));
  series.bytes_in->Add(exchange.bytes_in);
  series.bytes_out->Add(exchange.bytes_out);
}

void GatewayMetrics::OnCall(const absl::Status& status, absl::Duration took) {
  calls_in_flight_->Add(-1);
  calls_by_code_.at(CountedCode(status.code()))->Add();
  call_seconds_->Observe(absl::ToDoubleSeconds(took));
}

void GatewayMetrics::ReadRestarts(std::function<int()> restarts) {
  registry_.OnWrite([gauge = restarts_, restarts = std::move(restarts)] { gauge->Set(restarts()); });
}

void GatewayMetrics::SetRetries(const Retries& now) {
  retries_.With({"not_taken"})->Set(static_cast<double>(now.not_taken));
  retries_.With({"lost"})->Set(static_cast<double>(now.lost));
  retries_.With({"silenced"})->Set(static_cast<double>(now.silenced));
  unretried_.With({"given_up"})->Set(static_cast<double>(now.given_up));
  unretried_.With({"over_budget"})->Set(static_cast<double>(now.over_budget));
}

void GatewayMetrics::ReadRetries(std::function<Retries()> retries) {
  registry_.OnWrite([this, retries = std::move(retries)] { SetRetries(retries()); });
}

}  // namespace verdict
