#include "gateway/gateway_telemetry.h"

#include <cstdlib>
#include <utility>

#include "common/steady_clock.h"
#include "gateway/client/traced_classifier_client.h"
#include "gateway/http/access_log.h"
#include "gateway/http/exchange_spans.h"

namespace verdict {
namespace {

// Not as flags: headers are secrets, and flags are there for everybody to see.
std::vector<std::pair<std::string, std::string>> ForService(const OptionParser& parser) {
  return parser.ForChild([](const std::string& name) { return name.starts_with("otlp-") || name.starts_with("trace-"); });
}

}  // namespace

void GatewayTelemetry::Declare(OptionParser& parser, Flags& flags) {
  AccessLogPolicy::Declare(parser, flags.access_log);
  DeclareTracingOptions(parser, flags.tracing);
}

absl::StatusOr<GatewayTelemetry::Options> GatewayTelemetry::Apply(const OptionParser& parser, const Flags& flags,
                                                                  std::string_view version) {
  const auto policy = AccessLogPolicy::Create(flags.access_log);
  if (!policy.ok()) return policy.status();
  auto tracing = ApplyTracingFlags(parser, flags.tracing, "verdict-gateway", version);
  if (!tracing.ok()) return tracing.status();
  return Options{.access_log = *policy, .tracing = *std::move(tracing), .for_service = ForService(parser)};
}

absl::StatusOr<std::unique_ptr<GatewayTelemetry>> GatewayTelemetry::Start(const Options& options) {
  std::unique_ptr<GatewayTelemetry> telemetry(new GatewayTelemetry);
  telemetry->observers_.push_back(std::make_shared<AccessLog>(options.access_log));
  if (!options.tracing) return telemetry;
  auto tracing = Tracing::Start(*options.tracing);
  if (!tracing.ok()) return tracing.status();
  telemetry->tracing_ = *std::move(tracing);
  telemetry->observers_.push_back(std::make_shared<ExchangeSpans>(telemetry->tracing_->tracer()));
  return telemetry;
}

std::unique_ptr<ClassifierClient> GatewayTelemetry::Watch(std::unique_ptr<ClassifierClient> client) {
  if (!tracing_) return client;
  return std::make_unique<TracedClassifierClient>(std::move(client), tracing_->tracer());
}

void GatewayTelemetry::Close() {
  if (tracing_) tracing_->Close(SteadyNow() + absl::Seconds(1));
}

}  // namespace verdict
