#include "gateway/run.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/logging.h"
#include "common/steady_clock.h"
#include "gateway/authorize.h"
#include "gateway/client/grpc_classifier_client.h"
#include "gateway/client/observed_classifier_client.h"
#include "gateway/gateway_plan.h"
#include "gateway/supervisor/liveness_watch.h"
#include "gateway/supervisor/private_address.h"
#include "gateway/supervisor/readiness_probe.h"
#include "gateway/supervisor/supervisor.h"
#include "security/api_keys.h"
#include "security/security_metrics.h"
#include "telemetry/tracing_metrics.h"

namespace verdict {
namespace {

constexpr int kCannotStart = 1;
constexpr char kProcess[] = "verdict-gateway";

// Of the time to drain, what the service keeps for itself when requests take all of it.
constexpr absl::Duration kServiceShare = absl::Seconds(2);

// Null, with the reason in the log, where it cannot be had.
std::unique_ptr<GatewayTelemetry> StartTelemetry(const GatewayOptions& options) {
  auto telemetry = GatewayTelemetry::Start(options.telemetry);
  if (!telemetry.ok()) LogError("cannot start", {{"error", telemetry.status().message()}});
  return telemetry.ok() ? *std::move(telemetry) : nullptr;
}

// What a gateway has beside its options.
struct Surroundings {
  GatewayTelemetry& telemetry;
  const Security& security;
};

GatewayMetrics::Retries RetriesOf(const RetryCounters& counters) {
  return {.not_taken = counters.not_taken,
          .lost = counters.lost,
          .silenced = counters.silenced,
          .given_up = counters.given_up,
          .over_budget = counters.over_budget};
}

// A gateway's way to the service: for its calls, and for its metrics, of which there may be none. They end together.
struct ServiceLink {
  std::unique_ptr<ClassifierClient> client;
  MetricsClient* metrics = nullptr;
};

std::unique_ptr<Gateway> StartGateway(const GatewayOptions& options, const std::string& target, const Surroundings& surroundings,
                                      ServiceLink service, ProcessState process = {}) {
  GatewayTelemetry& telemetry = surroundings.telemetry;
  Gateway::Options watched = options.gateway;
  Secure(surroundings.security, watched.http.conventions);
  for (auto& observer : telemetry.observers()) watched.http.conventions.observers.push_back(observer);
  auto gateway =
      Gateway::Start(std::move(watched), telemetry.Watch(std::move(service.client)), std::move(process), service.metrics);
  if (!gateway.ok()) {
    LogError("cannot start", {{"error", std::string(gateway.status().message())}});
    return nullptr;
  }
  MetricRegistry& registry = (*gateway)->metrics().registry();
  AddSecurityMetrics(registry, kProcess, surroundings.security);
  AddTracingMetrics(registry, kProcess, telemetry.tracing());
  (*gateway)->metrics().ReadRetries([counters = options.replication.counters] { return RetriesOf(*counters); });
  LogGatewayPlan(options, **gateway);
  WarnOfFewDescriptors(options.gateway.http.limits);
  LogInfo("listening", {{"port", (*gateway)->port()}, {"service", target}});
  if (const int port = (*gateway)->sentiment_port(); port != 0) LogInfo("listening for the sentiment contract", {{"port", port}});
  return *std::move(gateway);
}

std::optional<Security> ReadSecurity(const SecurityFlags& flags) {
  auto security = OpenSecurity(flags);
  if (!security.ok()) {
    LogError("cannot start", {{"error", std::string(security.status().message())}});
    return std::nullopt;
  }
  return *std::move(security);
}

std::unique_ptr<ClassifierClient> Replicated(std::unique_ptr<ClassifierClient> service,
                                             const ReplicatedClassifierClient::Options& options) {
  std::vector<std::unique_ptr<ClassifierClient>> one;
  one.push_back(std::move(service));
  return std::make_unique<ReplicatedClassifierClient>(std::move(one), options);
}

absl::StatusOr<ServiceLink> ConnectToServices(const GatewayOptions& options, FileWatcher& files) {
  auto connection = OpenServiceConnection(options.service_credentials, files);
  if (!connection.ok()) return connection.status();
  std::vector<std::unique_ptr<ClassifierClient>> services;
  MetricsClient* metrics = nullptr;  // of several services none: their series would be the same
  for (const std::string& address : options.service_addresses) {
    connection->target = address;
    auto service = std::make_unique<GrpcClassifierClient>(*connection);
    metrics = services.empty() ? service.get() : nullptr;
    services.push_back(std::move(service));
  }
  return ServiceLink{std::make_unique<ReplicatedClassifierClient>(std::move(services), options.replication), metrics};
}

// A second signal ends the process meanwhile.
void DrainGateway(Gateway& gateway, absl::Duration lame_duck, absl::Time deadline) {
  gateway.Leave();
  if (lame_duck > absl::ZeroDuration()) {
    LogInfo("leaving", {{"lame_duck_ms", absl::ToInt64Milliseconds(lame_duck)}});
    absl::SleepFor(lame_duck);
  }
  LogInfo("draining");
  if (!gateway.Drain(deadline)) LogWarning("requests were cut off because the time to drain is over");
}

std::unique_ptr<PrivateAddress> MakeAddress() {
  auto address = PrivateAddress::Create(PrivateAddress::UsualPlaces());
  if (address->abstract()) {
    LogWarning(
        "no writable directory ($TMPDIR, /tmp, /dev/shm), so gateway and service meet at an abstract Unix socket; mount a "
        "tmpfs at /tmp to have one with permissions");
  }
  return address;
}

std::string_view Name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "info";
}

// What the service inherits beyond our own environment. For the start, while there is one thread.
void PrepareServiceEnvironment(const GatewayOptions& options, const std::string& key) {
  for (const auto& [name, value] : options.telemetry.for_service) setenv(name.c_str(), value.c_str(), /*overwrite=*/1);
  // A port for gRPC is guarded as the one for HTTP is, however that was asked for.
  for (const auto& [name, value] : options.service_security) setenv(name.c_str(), value.c_str(), /*overwrite=*/1);
  setenv("VERDICT_ACCESS_LOG", "failures", /*overwrite=*/0);  // our own line of a request has the service's phases
  // Where the service asks for credentials, it asks on every address: others may reach a socket that has no permissions.
  setenv(kGatewayKeyHashVariable, Sha256Hex(key).c_str(), /*overwrite=*/1);
  // For TorchScript bundles: LibTorch's threads wait for each other at every step; by default they spin for milliseconds, which
  // on processors that others use as well makes a forward pass many times slower. OpenMP reads this when LibTorch is opened.
  if (getenv("OMP_WAIT_POLICY") == nullptr) setenv("GOMP_SPINCOUNT", "1000", /*overwrite=*/0);
  unsetenv("VERDICT_LAME_DUCK_MS");  // our callers have left when it is told to end
  unsetenv("VERDICT_CONFIG");        // names our options, which the service does not know; its own file is `-- --config FILE`
}

bool IsLogLevel(std::string_view argument) { return argument == "--log-level" || argument.starts_with("--log-level="); }

}  // namespace

std::vector<std::string> ServiceCommand(const GatewayOptions& options, const std::string& private_target) {
  std::vector<std::string> command = {options.service_binary, "--grpc-listen", private_target};
  if (!options.grpc_listen.empty()) command.insert(command.end(), {"--grpc-listen", options.grpc_listen});
  const std::vector<std::string>& own = options.service_arguments;
  if (std::none_of(own.begin(), own.end(), IsLogLevel)) {
    command.insert(command.end(), {"--log-level", std::string(Name(options.log_level))});
  }
  command.insert(command.end(), own.begin(), own.end());
  return command;
}

int RunGateway(const GatewayOptions& options, ShutdownSignal& shutdown) {
  const auto telemetry = StartTelemetry(options);
  const auto security = ReadSecurity(options.security);
  if (!telemetry || !security) return kCannotStart;
  auto service = ConnectToServices(options, *security->files);
  if (!service.ok()) {
    LogError("cannot start", {{"error", std::string(service.status().message())}});
    return kCannotStart;
  }
  security->files->Start();
  const auto gateway =
      StartGateway(options, absl::StrJoin(options.service_addresses, ","), {*telemetry, *security}, *std::move(service));
  if (!gateway) return kCannotStart;
  shutdown.Wait();
  DrainGateway(*gateway, options.lame_duck, SteadyNow() + options.drain_timeout);
  telemetry->Close();
  LogInfo("stopped");
  return 0;
}

int RunServe(const GatewayOptions& options, ShutdownSignal& shutdown) {
  const auto key = NewApiKey();
  if (!key.ok()) return kCannotStart;
  PrepareServiceEnvironment(options, *key);
  const auto telemetry = StartTelemetry(options);
  const auto security = ReadSecurity(options.security);
  if (!telemetry || !security) return kCannotStart;
  security->files->Start();
  const auto address = MakeAddress();
  std::atomic<int> exit_code = 0;
  Supervisor supervisor({.command = ServiceCommand(options, address->target()), .reap_others = getpid() == 1}, [&](int code) {
    exit_code = code;
    shutdown.Trigger(SIGTERM);
  });
  // The port first: one that is taken shall not cost the loading of a model.
  // Whoever first hears from the service, the supervisor knows before: a service that a caller has seen ready is not given up.
  auto service =
      std::make_unique<GrpcClassifierClient>(ServiceConnection{.target = address->target(), .api_key = SecretFile::Of(*key)});
  GrpcClassifierClient& live = *service;  // as long as the gateway, which owns it
  auto client = std::make_unique<ObservedClassifierClient>(Replicated(std::move(service), options.replication),
                                                           [&] { supervisor.MarkReady(); });
  const auto gateway = StartGateway(options, address->target(), {*telemetry, *security}, {std::move(client), &live},
                                    [&] { return supervisor.State(); });
  if (!gateway) return kCannotStart;
  gateway->metrics().ReadRestarts([&] { return supervisor.restarts(); });
  supervisor.Start();
  const ReadinessProbe probe({}, [&](absl::Time deadline, auto done) { gateway->CheckService(deadline, std::move(done)); });
  const LivenessWatch liveness(
      {.interval = options.replication.health_interval, .most_misses = options.replication.most_misses},
      [&](absl::Time deadline, auto done) { live.CheckLive(deadline, std::move(done)); },
      [&](const std::string& why) { supervisor.Replace(why); });
  shutdown.Wait();
  const absl::Time deadline = SteadyNow() + options.drain_timeout;
  // A service that never came, or comes no more, has no callers who would have to learn of the end.
  const absl::Duration lame_duck = exit_code == 0 ? options.lame_duck : absl::ZeroDuration();
  DrainGateway(*gateway, lame_duck, deadline - std::min(kServiceShare, options.drain_timeout / 2));
  if (!supervisor.Stop(deadline)) LogWarning("the service was killed because the time to drain is over");
  telemetry->Close();
  LogInfo("stopped", {{"exit_code", exit_code.load()}});
  return exit_code;
}

}  // namespace verdict
