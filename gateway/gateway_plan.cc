#include "gateway/gateway_plan.h"

#include <unistd.h>

#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/logging.h"
#include "gateway/dialects/registry.h"
#include "metrics/process_metrics.h"
#include "process/cpu_limit.h"
#include "process/descriptor_limit.h"

namespace verdict {

void LogGatewayPlan(const GatewayOptions& options, const Gateway& gateway) {
  const auto& tracing = options.telemetry.tracing;
  const std::vector<std::string>& enabled = options.gateway.dialects.enabled;
  const HttpLimits& limits = options.gateway.http.limits;
  std::vector<LogField> fields = {
      {"version", options.gateway.dialects.text_embeddings_inference.version},
      {"pid", static_cast<int64_t>(getpid())},
      {"listen", options.gateway.http.listen},
      {"port", gateway.port()},
      {"serve", options.serve},
      {"dialects", absl::StrJoin(enabled.empty() ? DialectNames() : enabled, ",")},
      {"processors", AvailableProcessors()},
      {"http_threads", options.gateway.http.threads},
      {"max_connections", limits.max_connections},
      {"max_body_bytes", static_cast<uint64_t>(limits.body_bytes)},
      {"request_timeout_ms", absl::ToInt64Milliseconds(options.gateway.request_timeout)},
      {"traces_to", tracing ? tracing->endpoint.target() : "nowhere"},
  };
  if (gateway.sentiment_port() != 0) fields.emplace_back("sentiment_port", gateway.sentiment_port());
  Log(LogLevel::kInfo, "plan", fields);
}

void WarnOfFewDescriptors(const HttpLimits& limits) {
  const auto use = ProcessMeter("/proc").Read();
  const uint64_t limit = DescriptorLimit();
  if (!use || !use->open_files || limit == std::numeric_limits<uint64_t>::max()) return;
  const int64_t left = static_cast<int64_t>(limit) - *use->open_files;
  if (left >= limits.max_connections - limits.max_connections / 10) return;
  LogWarning(
      "fewer descriptors are left than connections may be open: further ones will wait to be accepted; raise the hard limit "
      "(ulimit -Hn, LimitNOFILE of systemd, --ulimit nofile of Docker) or lower --max-connections",
      {{"descriptors_left", left}, {"max_connections", limits.max_connections}});
}

}  // namespace verdict
