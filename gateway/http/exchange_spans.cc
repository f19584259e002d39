#include "gateway/http/exchange_spans.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/utf8.h"
#include "gateway/http/trace_context.h"

namespace verdict {
namespace {

bool OnlyReads(std::string_view method) { return method == "GET" || method == "HEAD" || method == "OPTIONS"; }

void Add(Span& span, std::string_view key, std::string_view value) {
  if (!value.empty()) span.attributes.push_back({key, std::string(value)});
}

}  // namespace

TraceContext ExchangeSpans::Begin(const HttpRequest& request) const {
  auto caller = ParseTraceParent(TraceParent(request));
  if (!caller && OnlyReads(request.method)) return {};
  if (caller) caller->state = TraceState(request);
  return tracer_.Begin(caller.value_or(TraceContext()));
}

// Names and attributes are OpenTelemetry's semantic conventions for HTTP servers; what begins with "verdict." is ours.
void ExchangeSpans::OnExchange(const FinishedExchange& exchange) {
  const HttpRequest& request = exchange.request;
  if (!request.trace.sampled) return;
  const auto caller = ParseTraceParent(TraceParent(request));
  Span span{.context = request.trace,
            .parent = caller ? caller->span_id : 0,
            .remote_parent = caller.has_value(),
            .kind = Span::Kind::kServer,
            .name = request.method + std::string(exchange.route.empty() ? "" : " ") + std::string(exchange.route),
            .start = exchange.start,
            .end = exchange.start + exchange.duration};
  Add(span, "http.request.method", request.method);
  Add(span, "http.route", exchange.route);
  Add(span, "url.path", Shortened(request.path));
  Add(span, "url.scheme", exchange.secure ? "https" : "http");
  span.attributes.push_back({"http.response.status_code", int64_t{exchange.status}});
  span.attributes.push_back({"http.request.size", static_cast<int64_t>(exchange.bytes_in)});
  span.attributes.push_back({"http.response.size", static_cast<int64_t>(exchange.bytes_out)});
  Add(span, "verdict.request_id", request.request_id);
  Add(span, "verdict.dialect", exchange.dialect);
  Add(span, "verdict.model", exchange.notes.model);
  if (exchange.notes.inputs > 0) span.attributes.push_back({"verdict.inputs", exchange.notes.inputs});
  span.failed = exchange.status >= 500 || exchange.cut_off;
  if (exchange.cut_off) span.error = "the answer was cut off";
  if (span.failed) Add(span, "error.type", exchange.cut_off ? "cut_off" : absl::StrCat(exchange.status));
  tracer_.Record(std::move(span));
}

}  // namespace verdict
