#include "services/classifier/service_telemetry.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/logging.h"
#include "common/steady_clock.h"

namespace verdict {

void ServiceTelemetry::Declare(OptionParser& parser, Flags& flags) {
  AccessLogPolicy::Declare(parser, flags.access_log);
  parser
      .Add("log-request-text", flags.log_request_text,
           "Bytes of each call's texts that its line in the log holds, for finding a fault; 0: none, ever. Texts can be personal "
           "data: "
           "whoever reads the log reads them")
      ->check(CLI::Range(0, 64 * 1024));
  DeclareTracingOptions(parser, flags.tracing);
}

absl::StatusOr<std::unique_ptr<ServiceTelemetry>> ServiceTelemetry::Create(const OptionParser& parser, const Flags& flags) {
  const auto policy = AccessLogPolicy::Create(flags.access_log);
  if (!policy.ok()) return policy.status();
  const auto tracing = ApplyTracingFlags(parser, flags.tracing, "verdict-service", VERDICT_VERSION);
  if (!tracing.ok()) return tracing.status();
  if (flags.log_request_text > 0) {
    LogWarning("texts of requests are written to the log, because --log-request-text says so",
               {{"bytes", flags.log_request_text}});
  }
  std::unique_ptr<ServiceTelemetry> telemetry(
      new ServiceTelemetry({.policy = *policy, .text_bytes = static_cast<size_t>(flags.log_request_text)}));
  if (*tracing == nullptr) return telemetry;
  auto started = Tracing::Start(**tracing);
  if (!started.ok()) return started.status();
  telemetry->tracing_ = *std::move(started);
  telemetry->spans_ = std::make_unique<CallSpans>(telemetry->tracing_->tracer());
  return telemetry;
}

std::vector<ClassifyObserver*> ServiceTelemetry::observers() {
  std::vector<ClassifyObserver*> observers = {&log_};
  if (spans_) observers.push_back(spans_.get());
  return observers;
}

void ServiceTelemetry::Close() {
  if (tracing_) tracing_->Close(SteadyNow() + absl::Seconds(1));
}

}  // namespace verdict
