#include <cstdio>
#include <iostream>
#include <string>

#include "absl/time/clock.h"
#include "common/libraries.h"
#include "common/logging.h"
#include "common/options.h"
#include "common/shutdown_signal.h"
#include "services/classifier/commands/commands.h"
#include "services/classifier/options.h"
#include "services/classifier/server.h"

namespace verdict {
namespace {

void LogPlan(const OptionParser& parser) {
  for (const auto& setting : parser.Effective()) {
    LogDebug("setting", {{"name", setting.name}, {"value", setting.value}, {"source", setting.source}});
  }
}

void LogReady(const Server& server, int port, absl::Time started) {
  for (const ModelInfo& model : server.models().List()) {
    LogInfo("ready", {{"port", port},
                      {"model", model.name},
                      {"version", model.version},
                      {"architecture", model.architecture},
                      {"backend", model.backend},
                      {"precision", model.precision},
                      {"labels", static_cast<int64_t>(model.labels.size())},
                      {"max_tokens", model.max_tokens},
                      {"parameters", model.parameters},
                      {"start_ms", absl::ToDoubleMilliseconds(absl::Now() - started)}});
  }
}

int Serve(const OptionParser& parser, const ServiceOptions& options) {
  const absl::Time started = absl::Now();
  ShutdownSignal shutdown;
  LogPlan(parser);
  Server server(options);
  const auto ports = server.Start();
  absl::Status status = ports.status();
  shutdown.EndAtOnce(true);  // nothing has been served yet, and a load takes no orders
  if (status.ok()) status = server.LoadModel();
  shutdown.EndAtOnce(false);
  if (!status.ok()) {
    LogError("cannot start", {{"error", status.message()}});
    return 1;
  }
  LogReady(server, ports->front(), started);
  const int signal = shutdown.Wait();
  LogInfo("draining", {{"signal", signal}});
  server.Drain(absl::Now() + absl::Milliseconds(options.drain_timeout_ms));
  LogInfo("stopped");
  return 0;
}

int Main(int argc, char** argv) {
  if (argc > 1 && std::string(argv[1]) == "serve") return ExecGateway(argv);
  ServiceOptions options;
  OptionParser parser("verdict-service", "Answers verdict.v1 classification requests over gRPC from one model directory.",
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
  InitLogging("verdict-service", *level);
  SetUpLibraries();
  if (commands.chosen()) return commands.Run(options);
  return Serve(parser, options);
}

}  // namespace
}  // namespace verdict

int main(int argc, char** argv) { return verdict::Main(argc, argv); }
