#include "gateway/gateway.h"

#include <algorithm>
#include <future>
#include <utility>

#include "gateway/metrics/metered_classifier_client.h"
#include "gateway/metrics_handler.h"
#include "gateway/routes.h"

#ifndef VERDICT_VERSION
#define VERDICT_VERSION "unknown"
#endif

namespace verdict {
namespace {

constexpr char kSentiment[] = "sentiment";
constexpr char kApiDocs[] = "api_docs";
constexpr char kMetricsPath[] = "/metrics";

// The sentiment service's contract and, where there is one, the page that documents it.
DialectOptions SentimentAlone(DialectOptions options) {
  const std::vector<std::string> names = DialectNames();
  options.enabled = {kSentiment};
  options.metrics = false;  // any page may read that port
  if (std::find(names.begin(), names.end(), kApiDocs) != names.end()) options.enabled.emplace_back(kApiDocs);
  return options;
}

HttpServer::Options SentimentServer(HttpServer::Options http, const std::string& listen) {
  http.listen = listen;
  http.conventions.write_problem = WriteSentimentProblem;
  CorsPolicy& cors = http.conventions.cors;
  // As that contract is; but where callers are known, a page of anybody's shall not send its visitor's certificate.
  if (!cors.open()) cors = {.origins = {"*"}, .credentials = !http.conventions.authorize};
  return http;
}

}  // namespace

Gateway::Gateway(std::unique_ptr<ClassifierClient> client)
    : metrics_(std::make_shared<GatewayMetrics>(VERDICT_VERSION)),
      client_(std::make_unique<MeteredClassifierClient>(std::move(client), metrics_)) {}

absl::StatusOr<std::unique_ptr<Gateway>> Gateway::Start(Options options, std::unique_ptr<ClassifierClient> client,
                                                        ProcessState process, MetricsClient* metrics) {
  auto dialects = MakeDialects(options.dialects);
  if (!dialects.ok()) return dialects.status();
  std::unique_ptr<Gateway> gateway(new Gateway(std::move(client)));
  const ServiceAccess service{*gateway->client_, std::move(process), options.request_timeout, gateway->lifecycle_};
  options.http.conventions.observers.push_back(gateway->metrics_);
  HttpHandler handler = MakeMetricsHandler(
      {.own = gateway->metrics_, .health = gateway->client_.get(), .service = options.metrics.of_service ? metrics : nullptr});
  if (absl::Status status = gateway->Listen(options.http, *std::move(dialects), service, options.records, std::move(handler));
      !status.ok())
    return status;
  if (options.sentiment_listen.empty()) return gateway;
  auto sentiment = MakeDialects(SentimentAlone(std::move(options.dialects)));
  if (!sentiment.ok()) return sentiment.status();
  HttpServer::Options http = SentimentServer(std::move(options.http), options.sentiment_listen);
  if (absl::Status status = gateway->Listen(std::move(http), *std::move(sentiment), service, options.records); !status.ok())
    return status;
  return gateway;
}

absl::Status Gateway::Listen(HttpServer::Options http, std::vector<Dialect> dialects, const ServiceAccess& service,
                             const RecordStreamOptions& records, HttpHandler metrics) {
  for (const RouteName& route : RouteNames(dialects)) metrics_->AddRoute(route.path, route.dialect);
  Router router = MakeRouter(std::move(dialects), service, records);
  if (metrics) {
    router.Add({.method = "GET", .path = kMetricsPath, .handler = std::move(metrics), .role = Role::kMetrics});
    metrics_->AddRoute(kMetricsPath, "");
  }
  auto server = HttpServer::Start(std::move(http), std::move(router));
  if (!server.ok()) return server.status();
  servers_.push_back(*std::move(server));
  return absl::OkStatus();
}

void Gateway::Leave() {
  lifecycle_->Leave();
  for (const auto& server : servers_) server->LastAnswers();
}

// All at once: the last shall not take new requests while the first finishes its own.
bool Gateway::Drain(absl::Time deadline) {
  std::vector<std::future<bool>> others;
  for (size_t i = 1; i < servers_.size(); ++i) {
    others.push_back(std::async(std::launch::async, [&server = *servers_[i], deadline] { return server.Drain(deadline); }));
  }
  bool whole = servers_.empty() || servers_.front()->Drain(deadline);
  for (std::future<bool>& other : others) whole = other.get() && whole;
  return whole;
}

void Gateway::CheckService(absl::Time deadline, absl::AnyInvocable<void(absl::Status)> done) {
  client_->CheckHealth(deadline, std::move(done));
}

// Nothing calls the client any more once the servers have drained.
Gateway::~Gateway() { Drain(absl::InfinitePast()); }

}  // namespace verdict
