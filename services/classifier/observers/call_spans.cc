#include "services/classifier/observers/call_spans.h"

#include <algorithm>
#include <string>
#include <utility>

#include "services/classifier/api/response_totals.h"

namespace verdict {
namespace {

constexpr size_t kMostLinks = 32;

// The finaliser of SplitMix64 (Steele, Lea and Flood, 2014): different numbers give different ones.
uint64_t Mixed(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// Which codes are the server's failure, by OpenTelemetry's conventions for RPC; the others are the caller's.
bool IsServersFailure(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDataLoss:
      return true;
    default:
      return false;
  }
}

void AddText(Span& span, std::string_view key, std::string_view value) {
  if (!value.empty()) span.attributes.push_back({key, std::string(value.substr(0, 200))});
}

void DescribeModel(Span& span, std::string_view model, std::string_view version) {
  AddText(span, "verdict.model", model);
  AddText(span, "verdict.model_version", version);
}

void DescribeResponse(Span& span, const ClassifyResponse& response) {
  const ResponseTotals totals = TotalsOf(response);
  span.attributes.push_back({"verdict.tokens", totals.tokens});
  if (totals.truncated_inputs > 0) span.attributes.push_back({"verdict.truncated", totals.truncated_inputs});
  const bool cascade = std::any_of(response.results.begin(), response.results.end(),
                                   [](const Classification& result) { return !result.cascade_steps.empty(); });
  if (cascade) span.attributes.push_back({"verdict.cascade", true});
}

}  // namespace

CallSpans::CallSpans(Tracer& tracer) : tracer_(tracer), batches_(NewTraceId()) {}

// Computed rather than kept: a call that ends long after one of its batches finds its span all the same.
TraceContext CallSpans::BatchContext(uint64_t id) const {
  const uint64_t own = std::max<uint64_t>(Mixed(batches_.low + id), 1);
  return {.trace_id = {batches_.high, own}, .span_id = own, .sampled = true};
}

void CallSpans::OnCall(const FinishedCall& call) {
  if (!call.trace.sampled) return;
  const auto caller = ParseTraceParent(call.trace_parent);
  const std::string_view name = NameOf(call.method);
  const size_t slash = name.find('/');
  Span span{.context = call.trace,
            .parent = caller ? caller->span_id : 0,
            .remote_parent = caller.has_value(),
            .kind = Span::Kind::kServer,
            .name = std::string(name),
            .start = call.start,
            .end = call.end};
  span.attributes = {{"rpc.system", std::string("grpc")},
                     {"rpc.service", std::string(name.substr(0, slash))},
                     {"rpc.method", std::string(name.substr(slash + 1))},
                     {"rpc.grpc.status_code", static_cast<int64_t>(call.status.code())},
                     {"verdict.inputs", call.inputs}};
  AddText(span, "verdict.request_id", call.request_id);
  DescribeModel(span, call.model, call.model_version);
  if (!call.status.ok()) {
    AddText(span, "error.type", absl::StatusCodeToString(call.status.code()));
    AddText(span, "verdict.reason", call.reason);
    span.failed = IsServersFailure(call.status.code());
    span.error = std::string(call.reason);
  }
  if (call.response != nullptr) {
    DescribeResponse(span, *call.response);
    RecordPhases(call);
  }
  tracer_.Record(std::move(span));
}

// One after the other, and the last ends with the call; of a cascade each is the sum over its models.
void CallSpans::RecordPhases(const FinishedCall& call) {
  const PhaseTimes& times = call.response->times;
  absl::Time at = std::max(call.start, call.end - std::max(times.total, times.tokenize + times.queue + times.compute));
  const std::pair<const char*, absl::Duration> phases[] = {
      {"tokenize", times.tokenize}, {"queue", times.queue}, {"compute", times.compute}};
  for (const auto& [name, duration] : phases) {
    Span span{
        .context = tracer_.Child(call.trace), .parent = call.trace.span_id, .name = name, .start = at, .end = at + duration};
    at = span.end;
    if (span.name == "compute") {
      const auto& batches = call.response->batches;
      for (size_t i = 0; i < batches.size() && i < kMostLinks; ++i) {
        const TraceContext batch = BatchContext(batches[i]);
        span.links.push_back({.trace_id = batch.trace_id, .span_id = batch.span_id});
      }
      span.dropped_links = static_cast<int>(batches.size() - span.links.size());
    }
    tracer_.Record(std::move(span));
  }
}

void CallSpans::OnBatch(const FinishedBatch& batch) {
  Span span{.context = BatchContext(batch.id), .name = "batch", .start = batch.start, .end = batch.end};
  int more = 0;
  for (const TraceContext* rider : batch.riders) {
    if (!rider->sampled) continue;
    if (span.links.size() < kMostLinks) {
      span.links.push_back({.trace_id = rider->trace_id, .span_id = rider->span_id});
    } else {
      ++more;
    }
  }
  if (span.links.empty()) return;
  span.dropped_links = more;
  span.attributes = {{"verdict.batch.id", static_cast<int64_t>(batch.id)},
                     {"verdict.batch.sequences", int64_t{batch.sequences}},
                     {"verdict.batch.tokens", batch.tokens},
                     {"verdict.batch.longest", batch.longest},
                     {"verdict.batch.lane", int64_t{batch.lane}},
                     {"verdict.batch.wide", batch.wide}};
  DescribeModel(span, batch.model, batch.model_version);
  span.failed = !batch.ok;
  if (span.failed) span.error = "the backend failed; the sequences ran again one by one";
  tracer_.Record(std::move(span));
}

}  // namespace verdict
