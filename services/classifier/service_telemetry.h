#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "common/options.h"
#include "services/classifier/api/classify_observer.h"
#include "services/classifier/observers/call_log.h"
#include "services/classifier/observers/call_spans.h"
#include "telemetry/access_log_policy.h"
#include "telemetry/tracing.h"

namespace verdict {

// What the service tells of its calls: a line in the log, and spans. Owned by main; outlives the server.
class ServiceTelemetry {
 public:
  struct Flags {
    AccessLogPolicy::Flags access_log;
    int log_request_text = 0;  // bytes; 0: none
    TracingFlags tracing;
  };

  static void Declare(OptionParser& parser, Flags& flags);

  // Errors: kInvalidArgument, with the option at fault.
  static absl::StatusOr<std::unique_ptr<ServiceTelemetry>> Create(const OptionParser& parser, const Flags& flags);

  // For Server.
  std::vector<ClassifyObserver*> observers();

  const Tracing* tracing() const { return tracing_.get(); }  // null: nothing is traced

  // After the server has drained: sends the last spans, for a second at most.
  void Close();

 private:
  explicit ServiceTelemetry(const CallLog::Options& log) : log_(log) {}

  CallLog log_;
  std::unique_ptr<Tracing> tracing_;
  std::unique_ptr<CallSpans> spans_;
};

}  // namespace verdict
