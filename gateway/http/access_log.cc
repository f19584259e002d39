#include "gateway/http/access_log.h"

#include <vector>

#include "common/logging.h"
#include "common/utf8.h"
#include "gateway/http/trace_context.h"

namespace verdict {

void LogExchange(const FinishedExchange& exchange) {
  if (!LogEnabled(LogLevel::kInfo)) return;
  const HttpRequest& request = exchange.request;
  std::vector<LogField> fields = {
      {"method", request.method},        {"path", Shortened(request.path)},
      {"status", exchange.status},       {"bytes_in", exchange.bytes_in},
      {"bytes_out", exchange.bytes_out}, {"duration_ms", absl::ToDoubleMilliseconds(exchange.duration)},
      {"request_id", request.request_id}};
  if (const auto id = InferenceId(request); !id.empty()) fields.emplace_back("inference_id", id);
  if (const auto id = TraceId(TraceParent(request)); !id.empty()) fields.emplace_back("trace_id", id);
  if (exchange.cut_off) fields.emplace_back("cut_off", true);
  Log(LogLevel::kInfo, "request", fields);
}

}  // namespace verdict
