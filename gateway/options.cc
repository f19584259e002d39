#include "gateway/options.h"

#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gateway/dialect_options.h"
#include "gateway/overload_options.h"
#include "gateway/sagemaker_options.h"
#include "gateway/sentiment_options.h"
#include "gateway/service_options.h"

#ifndef VERDICT_VERSION
#define VERDICT_VERSION "unknown"
#endif

namespace verdict {
namespace {

constexpr char kMaxPayloadVariable[] = "SAGEMAKER_MAX_PAYLOAD_IN_MB";

// The options in the types that the parser fills.
struct Flags {
  std::string http_listen = "0.0.0.0:8080";
  ServiceFlags service;
  int request_timeout_ms = 60'000;
  uint64_t max_body_bytes = 25 * 1024 * 1024;
  uint32_t max_header_bytes = 32 * 1024;
  int header_timeout_ms = 10'000;
  int body_timeout_ms = 60'000;
  int idle_timeout_ms = 75'000;
  int http_threads = 1;
  int lame_duck_ms = 0;
  int drain_timeout_ms = 25'000;
  bool api_docs = true;
  std::string log_level = "info";
  std::string service_binary;
  std::string grpc_listen;
  std::vector<std::string> dialects;
  SentimentFlags sentiment;
  CLI::Option* max_body_option = nullptr;
  CLI::Option* request_timeout_option = nullptr;
  SageMakerFlags sagemaker;
  MetricsOptions metrics;
  GatewayTelemetry::Flags telemetry;
  OverloadFlags overload;
  SecurityFlags security;
  ServiceCredentialFlags service_credentials;
};

void DeclareLimits(OptionParser& parser, Flags& flags) {
  const CLI::Range positive(1, INT_MAX);
  flags.request_timeout_option =
      parser
          .Add("request-timeout-ms", flags.request_timeout_ms,
               "The most that one classification may take; callers may ask for less with the header x-request-timeout-ms. "
               "SageMaker itself gives up after 60 s. SAGEMAKER_MODEL_SERVER_TIMEOUT_SECONDS and SAGEMAKER_MODEL_SERVER_TIMEOUT "
               "set it in "
               "seconds. Of a body of records it counts for each call to the service")
          ->check(positive);
  flags.max_body_option =
      parser
          .Add("max-body-bytes", flags.max_body_bytes,
               absl::StrCat("Larger bodies get a 413, except those of records, which are read as they arrive. A body is held in "
                            "memory, so this times the number of callers is memory that "
                            "must be there. ",
                            kMaxPayloadVariable, " sets it in megabytes; its 0 keeps the default"))
          ->check(CLI::PositiveNumber);
  parser.Add("max-header-bytes", flags.max_header_bytes, "Larger headers get a 431")->check(CLI::Range(256, 1 << 20));
  parser.Add("header-timeout-ms", flags.header_timeout_ms, "A header that takes longer to arrive gets a 408")->check(positive);
  parser
      .Add("body-timeout-ms", flags.body_timeout_ms,
           "A body that takes longer to arrive gets a 408; also how long a caller may take to read its answer. Of a body of "
           "records: how "
           "long nothing may move in either direction. Raise it for slow "
           "links and large bodies")
      ->check(positive);
  parser
      .Add("idle-timeout-ms", flags.idle_timeout_ms,
           "A connection without a request is closed after this; keep it above the idle time of the load balancer in front")
      ->check(positive);
  DeclareOverloadOptions(parser, flags.overload);
}

void Declare(OptionParser& parser, Flags& flags) {
  parser.Add("http-listen", flags.http_listen,
             "Where to listen for HTTP: host:port, [v6]:port, or a port alone for all interfaces; port 0 takes a free one",
             {"SAGEMAKER_BIND_TO_PORT", "AIP_HTTP_PORT"});
  parser.Add(
      "dialects", flags.dialects,
      absl::StrCat(
          "The HTTP contracts that are answered; where two have the same route, the first listed answers. Empty: all, which is ",
          absl::StrJoin(DialectNames(), ",")));
  DeclareServiceOptions(parser, flags.service);
  DeclareLimits(parser, flags);
  parser.Add("http-threads", flags.http_threads, "Threads for HTTP; one serves tens of thousands of requests a second")
      ->check(CLI::Range(1, 256));
  parser
      .Add("lame-duck-ms", flags.lame_duck_ms,
           "On SIGTERM, how long requests are still taken while health says no, so that load balancers find out first: twice the "
           "interval of their health check, some seconds on Kubernetes. Part of --drain-timeout-ms. 0: none, for who has no load "
           "balancer")
      ->check(CLI::Range(0, INT_MAX));
  parser
      .Add(
          "drain-timeout-ms", flags.drain_timeout_ms,
          "On SIGTERM, how long requests under way (and the service of `serve`) may take to finish before they are cut off; keep "
          "it below the platform's own patience, which is 30 s on SageMaker and Kubernetes")
      ->check(CLI::Range(0, INT_MAX));
  parser.Add("api-docs", flags.api_docs,
             "Serve /openapi.json and the pages /docs and /redoc, which show every route to whoever can reach the port");
  DeclareSageMakerOptions(parser, flags.sagemaker);
  DeclareSecurityOptions(parser, flags.security);
  DeclareServiceCredentials(parser, flags.service_credentials);
  parser.Add("log-level", flags.log_level, "debug, info, warning or error, or Python's number; info writes a line per request",
             {"SM_LOG_LEVEL", "SAGEMAKER_CONTAINER_LOG_LEVEL", "LOG_LEVEL"});
  GatewayTelemetry::Declare(parser, flags.telemetry);
  parser.Add("service-binary", flags.service_binary, "`serve`: the service's program; empty: verdict-service beside this one");
  parser.Add("grpc-listen", flags.grpc_listen,
             "`serve`: where the service listens for gRPC callers, too: host:port or unix:/path; empty: for the gateway alone");
  DeclareSentimentOptions(parser, flags.sentiment);
  DeclareMetricsOptions(parser, flags.metrics);
}

OptionParser::Outcome Failure(const std::string& text) { return {.exit = true, .exit_code = 1, .text = text + "\n"}; }

absl::Status ApplyMaxPayload(Flags& flags) {
  const char* const text = std::getenv(kMaxPayloadVariable);
  if (flags.max_body_option->count() > 0 || text == nullptr || *text == '\0') return absl::OkStatus();
  uint32_t megabytes;
  if (!absl::SimpleAtoi(text, &megabytes)) {
    return absl::InvalidArgumentError(absl::StrCat(kMaxPayloadVariable, " must be a number of megabytes, not \"", text, "\""));
  }
  if (megabytes > 0) flags.max_body_bytes = uint64_t{megabytes} * 1024 * 1024;
  return absl::OkStatus();
}

absl::Status ApplyEnvironment(Flags& flags) {
  if (absl::Status status = ApplyMaxPayload(flags); !status.ok()) return status;
  if (flags.request_timeout_option->count() == 0) {
    if (absl::Status status = ReadModelServerTimeout(flags.request_timeout_ms); !status.ok()) return status;
  }
  return MoveIntoSafePorts(flags.http_listen, flags.grpc_listen);
}

std::string BesideThisProgram(const std::string& name) {
  char path[PATH_MAX];
  const ssize_t size = readlink("/proc/self/exe", path, sizeof(path));
  const std::string self(path, size > 0 ? static_cast<size_t>(size) : 0);
  return self.substr(0, self.rfind('/') + 1) + name;  // npos + 1 is 0: leaves the name alone
}

HttpLimits LimitsOf(const Flags& flags) {
  HttpLimits limits;
  limits.header_bytes = flags.max_header_bytes;
  limits.body_bytes = flags.max_body_bytes;
  limits.header_timeout = absl::Milliseconds(flags.header_timeout_ms);
  limits.body_timeout = absl::Milliseconds(flags.body_timeout_ms);
  limits.idle_timeout = absl::Milliseconds(flags.idle_timeout_ms);
  ApplyOverloadFlags(flags.overload, limits);
  return limits;
}

GatewayOptions Checked(const Flags& flags) {
  GatewayOptions options;
  options.gateway.http = {.listen = flags.http_listen, .threads = flags.http_threads, .limits = LimitsOf(flags)};
  options.gateway.dialects.enabled = flags.dialects;
  options.gateway.metrics = flags.metrics;
  options.gateway.dialects.api_docs = flags.api_docs;
  options.gateway.request_timeout = absl::Milliseconds(flags.request_timeout_ms);
  options.gateway.dialects.text_embeddings_inference.max_concurrent_requests = flags.overload.max_connections;
  options.gateway.dialects.text_embeddings_inference.version = VERDICT_VERSION;
  options.service_addresses = flags.service.addresses;
  options.replication = ReplicationOf(flags.service);
  options.lame_duck = absl::Milliseconds(flags.lame_duck_ms);
  options.security = flags.security;
  options.service_credentials = flags.service_credentials;
  options.drain_timeout = absl::Milliseconds(flags.drain_timeout_ms);
  options.service_binary = flags.service_binary.empty() ? BesideThisProgram("verdict-service") : flags.service_binary;
  options.grpc_listen = flags.grpc_listen;
  return options;
}

// What the flags say, checked. Errors are kInvalidArgument and say why for the operator.
absl::StatusOr<GatewayOptions> Apply(Flags& flags, const DialectFlags& dialects) {
  if (absl::Status status = ApplyEnvironment(flags); !status.ok()) return status;
  const auto level = ParseLogLevel(flags.log_level);
  if (!level.ok()) return absl::InvalidArgumentError(absl::StrCat("--log-level: ", level.status().message()));
  if (flags.lame_duck_ms > 0 && flags.lame_duck_ms >= flags.drain_timeout_ms) {
    return absl::InvalidArgumentError("--lame-duck-ms: must be less than --drain-timeout-ms, of which it is a part");
  }
  GatewayOptions options = Checked(flags);
  options.log_level = *level;
  if (absl::Status status = ApplySentimentOptions(flags.sentiment, options.gateway); !status.ok()) return status;
  if (absl::Status status = dialects.CopyTo(options.gateway.dialects); !status.ok()) return status;
  if (absl::Status status = ApplySageMakerFlags(flags.sagemaker, options.gateway); !status.ok()) return status;
  return options;
}

}  // namespace

ParsedOptions ParseGatewayOptions(int argc, const char* const* argv) {
  OptionParser parser(
      "verdict-gateway",
      "Answers HTTP contracts (SageMaker, Hugging Face, KServe, MLflow, …) with the classifications of verdict-service",
      VERDICT_VERSION);
  Flags flags;
  Declare(parser, flags);
  const DialectFlags dialect_flags(parser);
  const CLI::App* serve = parser.app()
                              .add_subcommand("serve",
                                              "Starts verdict-service, too, and keeps it running: both in one container. What "
                                              "follows \"--\" goes to it")
                              ->fallthrough();
  ParsedOptions parsed{.outcome = parser.Parse(argc, argv), .options = {}};
  if (parsed.outcome.exit) return parsed;
  auto options = Apply(flags, dialect_flags);
  if (!options.ok()) {
    parsed.outcome = Failure(std::string(options.status().message()));
    return parsed;
  }
  auto telemetry = GatewayTelemetry::Apply(parser, flags.telemetry, VERDICT_VERSION);
  if (!telemetry.ok()) {
    parsed.outcome = Failure(std::string(telemetry.status().message()));
    return parsed;
  }
  parsed.options = *std::move(options);
  parsed.options.telemetry = *std::move(telemetry);
  parsed.options.serve = serve->parsed();
  parsed.options.service_arguments = parser.rest();
  parsed.options.service_security = SecurityVariables(parser);
  parsed.effective = parser.EffectiveJson();
  parsed.sources = parser.SourcesJson();
  return parsed;
}

}  // namespace verdict
