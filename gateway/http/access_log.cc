#include "gateway/http/access_log.h"

#include <vector>

#include "common/logging.h"
#include "common/utf8.h"
#include "gateway/http/trace_context.h"
#include "telemetry/trace_log.h"

namespace verdict {
namespace {

void AddIds(const HttpRequest& request, std::vector<LogField>& fields) {
  fields.emplace_back("request_id", request.request_id);
  if (const auto id = InferenceId(request); !id.empty()) fields.emplace_back("inference_id", id);
  AddTraceIds(request.trace, TraceParent(request), fields);
}

void AddNotes(const ExchangeNotes& notes, std::vector<LogField>& fields) {
  if (notes.model.empty()) return;
  fields.emplace_back("model", Shortened(notes.model));
  if (!notes.model_version.empty()) fields.emplace_back("model_version", Shortened(notes.model_version));
  if (notes.inputs == 0) return;  // of several calls nothing is known
  fields.emplace_back("inputs", notes.inputs);
  fields.emplace_back("tokenize_ms", absl::ToDoubleMilliseconds(notes.tokenize));
  fields.emplace_back("queue_ms", absl::ToDoubleMilliseconds(notes.queue));
  fields.emplace_back("compute_ms", absl::ToDoubleMilliseconds(notes.compute));
}

}  // namespace

void AccessLog::OnExchange(const FinishedExchange& exchange) {
  if (!LogEnabled(LogLevel::kInfo)) return;
  const HttpRequest& request = exchange.request;
  const bool failed = exchange.status >= 400 || exchange.cut_off;
  if (!policy_.Keeps({.request_id = request.request_id, .failed = failed, .duration = exchange.duration})) return;
  std::vector<LogField> fields;
  fields.reserve(20);
  fields.emplace_back("method", request.method);
  fields.emplace_back("path", Shortened(request.path));
  if (!exchange.route.empty()) fields.emplace_back("route", exchange.route);
  if (!exchange.dialect.empty()) fields.emplace_back("dialect", exchange.dialect);
  fields.emplace_back("status", exchange.status);
  fields.emplace_back("bytes_in", exchange.bytes_in);
  fields.emplace_back("bytes_out", exchange.bytes_out);
  fields.emplace_back("duration_ms", absl::ToDoubleMilliseconds(exchange.duration));
  AddIds(request, fields);
  if (!exchange.caller.empty()) fields.emplace_back("caller", exchange.caller);
  AddNotes(exchange.notes, fields);
  if (exchange.cut_off) fields.emplace_back("cut_off", true);
  Log(LogLevel::kInfo, "request", fields);
}

}  // namespace verdict
