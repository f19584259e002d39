#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "telemetry/otlp/endpoint.h"
#include "telemetry/resource.h"
#include "telemetry/span_exporter.h"

namespace verdict {

// OTLP over HTTP: a POST of protobuf for each batch, on one connection that is kept. Errors: kInvalidArgument when the endpoint's
// file of certificates cannot be read.
absl::StatusOr<std::unique_ptr<SpanExporter>> MakeHttpSpanExporter(const OtlpEndpoint& endpoint, Resource resource);

}  // namespace verdict
