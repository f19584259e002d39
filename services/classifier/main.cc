#include <cstdio>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "common/logging.h"
#include "common/options.h"
#include "common/steady_clock.h"
#include "process/descriptor_limit.h"
#include "process/libraries.h"
#include "process/shutdown_signal.h"
#include "services/classifier/commands/commands.h"
#include "services/classifier/ending.h"
#include "services/classifier/options.h"
#include "services/classifier/server.h"
#include "services/classifier/start_log.h"
#include "telemetry/tracing_metrics.h"

namespace verdict {
namespace {

// Loads the models, again and again where the options say so. Nothing when a signal came first.
std::optional<absl::Status> LoadModels(Server& server, const ServiceOptions& options, ShutdownSignal& shutdown) {
  std::string told;
  for (;;) {
    const absl::Status status = server.LoadModels();
    if (status.ok() || options.model_retry_ms == 0) return status;
    if (told != status.message()) {  // once, and not at every try
      told = std::string(status.message());
      LogError("not ready: a model cannot be loaded yet", {{"error", told}, {"retry_ms", options.model_retry_ms}});
    }
    if (shutdown.WaitFor(absl::Milliseconds(options.model_retry_ms)) != 0) return std::nullopt;
  }
}

int CannotStart(const absl::Status& status) {
  LogError("cannot start", {{"error", status.message()}});
  return 1;
}

// Returns when the server has ended.
int Run(Server& server, const ServiceOptions& options, ShutdownSignal& shutdown, absl::Time started) {
  const auto ports = server.Start();
  if (!ports.ok()) return CannotStart(ports.status());
  Ending ending(server, options.lifecycle, shutdown);
  const std::optional<absl::Status> status = LoadModels(server, options, shutdown);
  if (status && !status->ok()) {
    ending.Cancel();
    return CannotStart(*status);
  }
  if (status) LogPlan(options, {.ports = *ports, .models = server.models().List(), .took = SteadyNow() - started});
  ending.StartIsOver(status.has_value());
  return 0;  // when the ending is over
}

int Serve(const OptionParser& parser, const ServiceOptions& options) {
  const absl::Time started = SteadyNow();
  ShutdownSignal shutdown;
  LogOptions(parser);
  const auto telemetry = ServiceTelemetry::Create(parser, options.telemetry);
  if (!telemetry.ok()) return CannotStart(telemetry.status());
  Server server(options, (*telemetry)->observers());
  AddTracingMetrics(server.metrics(), "verdict-service", (*telemetry)->tracing());
  const int exit_code = Run(server, options, shutdown, started);
  (*telemetry)->Close();
  return exit_code;
}

int Main(int argc, char** argv) {
  if (argc > 1 && std::string(argv[1]) == "serve") return ExecGateway(argv);
  ServiceOptions options;
  OptionParser parser("verdict-service", "Answers verdict.v1 classification requests over gRPC from model directories.",
                      VERDICT_VERSION);
  DeclareOptions(parser, options);
  Commands commands(parser.app());
  const auto outcome = parser.Parse(argc, argv);
  if (outcome.exit) {
    (outcome.exit_code == 0 ? std::cout : std::cerr) << outcome.text;
    return outcome.exit_code;
  }
  const auto level = ParseLogLevel(options.log_level);
  if (!level.ok()) {
    std::cerr << "verdict-service: --log-level: " << level.status().message() << "\n";
    return 2;
  }
  if (const absl::Status status = CheckLifecycleOptions(options.lifecycle); !status.ok()) {
    std::cerr << "verdict-service: " << status.message() << "\n";
    return 2;
  }
  InitLogging("verdict-service", *level);
  const LogWriter log_writer;
  RaiseDescriptorLimit();
  SetUpLibraries();
  if (commands.chosen()) return commands.Run(options);
  return Serve(parser, options);
}

}  // namespace
}  // namespace verdict

int main(int argc, char** argv) { return verdict::Main(argc, argv); }
