#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "telemetry/otlp/endpoint.h"
#include "telemetry/resource.h"
#include "telemetry/span_exporter.h"

namespace verdict {

// OTLP over gRPC. Connects when first used, and again whenever the connection is lost. Errors: kInvalidArgument when the
// endpoint's file of certificates cannot be read.
absl::StatusOr<std::unique_ptr<SpanExporter>> MakeGrpcSpanExporter(const OtlpEndpoint& endpoint, Resource resource);

}  // namespace verdict
