#include "telemetry/tracing.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/logging.h"
#include "telemetry/otlp/grpc_span_exporter.h"
#include "telemetry/otlp/http_span_exporter.h"

namespace verdict {
namespace {

constexpr char kTracesEndpoint[] = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";

absl::Status Of(std::string_view option, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat("--", std::string(option), ": ", status.message()));
}

// Which of its sources an option was taken from.
std::string SourceOf(const OptionParser& parser, std::string_view option) {
  const auto settings = parser.Effective();
  const auto found = std::find_if(settings.begin(), settings.end(), [&](const auto& setting) { return setting.name == option; });
  return found == settings.end() ? "" : found->source;
}

}  // namespace

void DeclareTracingOptions(OptionParser& parser, TracingFlags& flags) {
  parser.Add("otlp-endpoint", flags.endpoint,
             "Where traces are sent by OpenTelemetry's protocol: http://host:port or https://host:port of a collector "
             "(docs/tracing.md); "
             "empty: nothing is traced, which costs nothing",
             {kTracesEndpoint, "OTEL_EXPORTER_OTLP_ENDPOINT"});
  parser
      .Add("otlp-protocol", flags.protocol, "grpc, whose usual port is 4317, or http/protobuf, whose is 4318",
           {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"})
      ->check(CLI::IsMember({"grpc", "http/protobuf"}));
  parser.Add(
      "otlp-headers", flags.headers,
      "Sent with every export: name=value,name=value, for a receiver that asks who sends. Keep it in the environment: flags "
      "can be read by everybody on the machine",
      {"OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"});
  parser.MarkSecret("otlp-headers");
  parser.Add("otlp-ca-file", flags.ca_file,
             "Certificates (PEM) that a receiver at https:// may be signed by; empty: the system's",
             {"OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "OTEL_EXPORTER_OTLP_CERTIFICATE"});
  parser
      .Add("otlp-timeout-ms", flags.timeout_ms, "How long one export may take; requests never wait for it",
           {"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"})
      ->check(CLI::Range(1, 600'000));
  parser.Add("trace-sampler", flags.sampler,
             "Which requests are traced: always_on, always_off or traceidratio, which is the share of --trace-sample-rate; with "
             "parentbased_ before it a request that came with a traceparent is traced if its caller traces it",
             {"OTEL_TRACES_SAMPLER"});
  parser
      .Add("trace-sample-rate", flags.sample_rate,
           "Share of requests that are traced, 0 to 1, by trace id: all processes choose the same. At thousands of requests a "
           "second "
           "take 0.01",
           {"OTEL_TRACES_SAMPLER_ARG"})
      ->check(CLI::Range(0.0, 1.0));
  parser
      .Add("trace-queue-spans", flags.queue_spans,
           "Spans that wait for their export at most, about 1 KB each; what comes beyond is dropped and counted",
           {"OTEL_BSP_MAX_QUEUE_SIZE"})
      ->check(CLI::Range(1, 1 << 20));
  parser
      .Add("trace-export-delay-ms", flags.export_delay_ms, "How long a span waits for others that are sent along with it",
           {"OTEL_BSP_SCHEDULE_DELAY"})
      ->check(CLI::Range(1, 600'000));
  parser.Add("trace-service-name", flags.service_name, "service.name of the spans; empty: the program's name",
             {"OTEL_SERVICE_NAME"});
  parser.Add("trace-resource-attributes", flags.resource_attributes, "Further attributes of the process: key=value,key=value",
             {"OTEL_RESOURCE_ATTRIBUTES"});
}

absl::StatusOr<std::unique_ptr<TracingOptions>> ApplyTracingFlags(const OptionParser& parser, const TracingFlags& flags,
                                                                  std::string_view program, std::string_view version) {
  const char* const disabled = std::getenv("OTEL_SDK_DISABLED");
  if (flags.endpoint.empty() || (disabled != nullptr && absl::AsciiStrToLower(disabled) == "true")) return nullptr;
  auto endpoint = ParseOtlpEndpoint(flags.endpoint, flags.protocol, SourceOf(parser, "otlp-endpoint") == kTracesEndpoint);
  if (!endpoint.ok()) return Of("otlp-endpoint", endpoint.status());
  endpoint->ca_file = flags.ca_file;
  if (absl::Status status = AddOtlpHeaders(flags.headers, *endpoint); !status.ok()) return Of("otlp-headers", status);
  auto sampler = Sampler::Create(flags.sampler, flags.sample_rate);
  if (!sampler.ok()) return Of("trace-sampler", sampler.status());
  auto attributes = ParsePairs(flags.resource_attributes);
  if (!attributes.ok()) return Of("trace-resource-attributes", attributes.status());
  if (!flags.service_name.empty()) attributes->insert(attributes->begin(), {"service.name", flags.service_name});
  TracingOptions options{.endpoint = *std::move(endpoint),
                         .sampler = *sampler,
                         .queue = {.capacity = static_cast<size_t>(flags.queue_spans)},
                         .resource = MakeResource(program, version, *std::move(attributes))};
  options.queue.batch = std::min(options.queue.batch, options.queue.capacity);
  options.queue.delay = absl::Milliseconds(flags.export_delay_ms);
  options.queue.timeout = absl::Milliseconds(flags.timeout_ms);
  return std::make_unique<TracingOptions>(std::move(options));
}

absl::StatusOr<std::unique_ptr<Tracing>> Tracing::Start(const TracingOptions& options) {
  const bool grpc = options.endpoint.protocol == OtlpEndpoint::Protocol::kGrpc;
  auto exporter =
      grpc ? MakeGrpcSpanExporter(options.endpoint, options.resource) : MakeHttpSpanExporter(options.endpoint, options.resource);
  if (!exporter.ok()) return Of("otlp-ca-file", exporter.status());
  return std::unique_ptr<Tracing>(new Tracing(*std::move(exporter), options));
}

void Tracing::Close(absl::Time deadline) {
  queue_.Close(deadline);
  const SpanQueue::Counts counts = queue_.counts();
  LogInfo("tracing stopped", {{"exported", counts.exported}, {"dropped", counts.dropped_full + counts.dropped_failed}});
}

}  // namespace verdict
