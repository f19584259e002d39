#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/options.h"
#include "gateway/client/classifier_client.h"
#include "gateway/http/http_observer.h"
#include "telemetry/access_log_policy.h"
#include "telemetry/tracing.h"

namespace verdict {

// What the gateway tells of its requests: a line in the log, and spans. Owned by main; outlives the gateway.
class GatewayTelemetry {
 public:
  struct Flags {
    AccessLogPolicy::Flags access_log;
    TracingFlags tracing;
  };
  struct Options {
    AccessLogPolicy access_log;
    std::shared_ptr<const TracingOptions> tracing;  // null: nothing is traced
    // Of `serve`: what makes the service trace as the gateway does, as environment variables.
    std::vector<std::pair<std::string, std::string>> for_service = {};
  };

  static void Declare(OptionParser& parser, Flags& flags);
  // Errors: kInvalidArgument, with the option at fault.
  static absl::StatusOr<Options> Apply(const OptionParser& parser, const Flags& flags, std::string_view version);

  // Errors: those of Tracing::Start.
  static absl::StatusOr<std::unique_ptr<GatewayTelemetry>> Start(const Options& options);

  // For HttpConventions.
  std::vector<std::shared_ptr<HttpObserver>> observers() const { return observers_; }
  // `client`, whose calls become spans where something is traced.
  std::unique_ptr<ClassifierClient> Watch(std::unique_ptr<ClassifierClient> client);

  const Tracing* tracing() const { return tracing_.get(); }  // null: nothing is traced

  // After the gateway has drained: sends the last spans, for a second at most.
  void Close();

 private:
  GatewayTelemetry() = default;

  std::unique_ptr<Tracing> tracing_;
  std::vector<std::shared_ptr<HttpObserver>> observers_;
};

}  // namespace verdict
