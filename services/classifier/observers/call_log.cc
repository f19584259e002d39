#include "services/classifier/observers/call_log.h"

#include <string>
#include <vector>

#include "common/logging.h"
#include "common/utf8.h"
#include "services/classifier/api/response_totals.h"
#include "telemetry/trace_log.h"

namespace verdict {
namespace {

void AddResponse(const ClassifyResponse& response, std::vector<LogField>& fields) {
  const ResponseTotals totals = TotalsOf(response);
  fields.emplace_back("tokens", totals.tokens);
  if (totals.truncated_inputs > 0) fields.emplace_back("truncated", totals.truncated_inputs);
  fields.emplace_back("tokenize_ms", absl::ToDoubleMilliseconds(response.times.tokenize));
  fields.emplace_back("queue_ms", absl::ToDoubleMilliseconds(response.times.queue));
  fields.emplace_back("compute_ms", absl::ToDoubleMilliseconds(response.times.compute));
  if (!response.batches.empty()) fields.emplace_back("batch", response.batches.front());
}

LogJson Listed(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) list += (list.empty() ? "[" : ",") + JsonString(text);
  return {list + "]"};
}

}  // namespace

void CallLog::OnCall(const FinishedCall& call) {
  if (!LogEnabled(LogLevel::kInfo)) return;
  const absl::Duration duration = call.end - call.start;
  if (!options_.policy.Keeps({.request_id = call.request_id, .failed = !call.status.ok(), .duration = duration})) return;
  std::vector<LogField> fields = {{"method", NameOf(call.method)},
                                  {"code", absl::StatusCodeToString(call.status.code())},
                                  {"duration_ms", absl::ToDoubleMilliseconds(duration)}};
  fields.reserve(20);
  fields.emplace_back("request_id", call.request_id);
  AddTraceIds(call.trace, call.trace_parent, fields);
  if (!call.caller.empty()) fields.emplace_back("caller", call.caller);
  if (!call.reason.empty()) fields.emplace_back("reason", call.reason);
  fields.emplace_back("model", Shortened(call.model));
  if (!call.model_version.empty()) fields.emplace_back("model_version", Shortened(call.model_version));
  fields.emplace_back("inputs", call.inputs);
  if (call.response != nullptr) AddResponse(*call.response, fields);
  if (call.texts != nullptr) fields.emplace_back("texts", Listed(*call.texts));
  Log(LogLevel::kInfo, "call", fields);
}

}  // namespace verdict
