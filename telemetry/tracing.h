#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/options.h"
#include "telemetry/otlp/endpoint.h"
#include "telemetry/resource.h"
#include "telemetry/sampler.h"
#include "telemetry/span_queue.h"
#include "telemetry/tracer.h"

namespace verdict {

// The options of tracing as the parser fills them: ours, with OpenTelemetry's environment variables as further sources.
struct TracingFlags {
  std::string endpoint;  // empty: nothing is traced
  std::string protocol = "grpc";
  std::string headers;
  std::string ca_file;
  int timeout_ms = 10'000;
  std::string sampler = "parentbased_traceidratio";
  double sample_rate = 1;
  int queue_spans = 8192;
  int export_delay_ms = 5'000;
  std::string service_name;
  std::string resource_attributes;
};

void DeclareTracingOptions(OptionParser& parser, TracingFlags& flags);

// The same, checked.
struct TracingOptions {
  OtlpEndpoint endpoint = {};
  Sampler sampler = {};
  SpanQueue::Options queue = {};
  Resource resource = {};
};

// What the flags ask for; null where nothing is traced. `program` is the service's name where none is given. Errors are
// kInvalidArgument, begin with the option at fault and show no secret.
absl::StatusOr<std::unique_ptr<TracingOptions>> ApplyTracingFlags(const OptionParser& parser, const TracingFlags& flags,
                                                                  std::string_view program, std::string_view version);

// Spans from where they are recorded to where they are kept. Owned by main; outlives whoever has the tracer.
class Tracing {
 public:
  // Errors: kInvalidArgument, of files that cannot be read.
  static absl::StatusOr<std::unique_ptr<Tracing>> Start(const TracingOptions& options);

  Tracer& tracer() { return tracer_; }
  SpanQueue::Counts counts() const { return queue_.counts(); }

  // Sends what waits, until `deadline`, and says in the log what came of it all; see SpanQueue::Close.
  void Close(absl::Time deadline);

 private:
  Tracing(std::unique_ptr<SpanExporter> exporter, const TracingOptions& options)
      : queue_(std::move(exporter), options.queue), tracer_(queue_, options.sampler) {}

  SpanQueue queue_;
  Tracer tracer_;
};

}  // namespace verdict
