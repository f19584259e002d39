#include "services/classifier/server.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/logging.h"
#include "common/steady_clock.h"
#include "grpcpp/grpcpp.h"
#include "process/accept_guard.h"
#include "process/cpu_limit.h"
#include "process/memory_limit.h"
#include "security/security_metrics.h"
#include "services/classifier/model_plan.h"
#include "services/classifier/rpc/error_details.h"
#include "services/classifier/rpc/tls_credentials.h"

namespace verdict {
namespace {

// Whether somebody accepts connections at a Unix socket's path. gRPC would take the path over without a word; a socket that its
// process has left behind is free.
bool IsServed(const std::string& address) {
  if (!absl::StartsWith(address, "unix:")) return false;
  std::error_code error;
  const std::string path(absl::StripPrefix(absl::StripPrefix(address, "unix:"), "//"));  // unix:path or unix:///path
  if (!std::filesystem::is_socket(path, error)) return false;
  const auto channel = grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
  const auto deadline = ToWallClock(SteadyNow() + absl::Seconds(1));
  for (grpc_connectivity_state state = channel->GetState(true); state != GRPC_CHANNEL_TRANSIENT_FAILURE;
       state = channel->GetState(true)) {
    if (state == GRPC_CHANNEL_READY) return true;
    if (!channel->WaitForStateChange(state, deadline)) return true;  // accepts, and says nothing
  }
  return false;
}

// How long the watchdog looks away.
constexpr absl::Duration kLongestBlink = absl::Seconds(1);

// Unix sockets stay plain: nobody listens in between. Credentials count there, too.
std::shared_ptr<grpc::ServerCredentials> CredentialsFor(const std::string& address, const Security& security) {
  if (!security.certificates || absl::StartsWith(address, "unix")) return grpc::InsecureServerCredentials();
  return TlsCredentials(security.certificates, security.client_certificate);
}

std::string GatewayKeyHash() {
  const char* const hash = std::getenv(kGatewayKeyHashVariable);
  return hash == nullptr ? "" : hash;
}

int Threads(const ServiceOptions& options) { return options.threads > 0 ? options.threads : AvailableProcessors(); }

int64_t QueuedBytes(const ServiceOptions& options) {
  return QueuedBytes(options.overload, CurrentMemory(options.memory_limit_bytes).limit, options.max_message_bytes);
}

absl::StatusOr<std::optional<Cascade>> ReadDeclaration(const std::string& declaration) {
  if (declaration.empty()) return std::optional<Cascade>();
  auto cascade = ReadCascade(declaration);
  if (!cascade.ok()) return absl::Status(cascade.status().code(), absl::StrCat("--cascade: ", cascade.status().message()));
  return std::optional<Cascade>(*std::move(cascade));
}

std::vector<std::string> TakenNames(const absl::StatusOr<std::optional<Cascade>>& declaration) {
  if (!declaration.ok() || !declaration->has_value()) return {};
  return {(*declaration)->name};
}

std::optional<CascadeClassifier> MakeCascade(const ServiceOptions& options,
                                             const absl::StatusOr<std::optional<Cascade>>& declaration,
                                             ModelRepository& repository, std::optional<StepThreads>& threads) {
  if (!declaration.ok() || !declaration->has_value()) return std::nullopt;
  threads.emplace(Threads(options));
  return std::optional<CascadeClassifier>(
      std::in_place, **declaration, CascadeIsDefault(options, **declaration),
      CascadeClassifier::Models{repository, repository,
                                [&threads](absl::AnyInvocable<void()> step) { threads->Run(std::move(step)); }});
}

// Not an error: a model may come when there is data for it. Nor at every try of a start, or it would fill the log.
void WarnOfMissingSteps(const std::optional<Cascade>& cascade, const ModelCatalog& models) {
  if (!cascade) return;
  for (const Cascade::Step& step : cascade->steps) {
    if (models.VersionOf(step.model).ok()) continue;
    LogWarning("a step of the cascade has no model", {{"cascade", cascade->name}, {"model", step.model}});
  }
}

std::vector<ClassifyObserver*> WithMetrics(ServiceMetrics& metrics, std::vector<ClassifyObserver*> observers) {
  observers.insert(observers.begin(), &metrics);
  return observers;
}

ModelLoader::Options LoaderOptions(const ServiceOptions& options, ClassifyObserver* observer) {
  return {.engine = {.precision = options.precision,
                     .threads = Threads(options),
                     .prepared_weights = options.prepared_weights,
                     .allow_torchscript = options.allow_torchscript},
          .verify_at_load = options.verify_at_load,
          .max_batch_tokens = options.max_batch_tokens,
          .max_windows = options.max_windows,
          .max_queue_wait = options.overload.max_queue_wait_ms > 0 ? absl::Milliseconds(options.overload.max_queue_wait_ms)
                                                                   : absl::InfiniteDuration(),
          .on_request = options.multi_model,
          .models_root = options.models_root,
          .observer = observer};
}

// Not an error: the folder may be mounted later.
void WarnOfMissingRoot(const ServiceOptions& options) {
  std::error_code error;
  if (!options.multi_model || std::filesystem::is_directory(options.models_root, error)) return;
  LogWarning("no model can be loaded on request: --models-root is no directory", {{"models_root", options.models_root}});
}

std::vector<std::string> ServiceNames() {
  return {v1::Classifier::service_full_name(), v1::Models::service_full_name(),
          inference::GRPCInferenceService::service_full_name()};
}

std::vector<std::string> Reflected() {
  std::vector<std::string> names = ServiceNames();
  names.emplace_back(v1::Metrics::service_full_name());
  names.emplace_back(grpc::health::v1::Health::service_full_name());
  return names;
}

}  // namespace

Server::Server(const ServiceOptions& options, std::vector<ClassifyObserver*> observers)
    : options_(options),
      security_(OpenSecurity(options.security, GatewayKeyHash())),
      declaration_(ReadDeclaration(options.cascade)),
      metrics_(ReasonNames(),
               {.process = "verdict-service", .version = VERDICT_VERSION, .memory_limit = options.memory_limit_bytes}),
      observers_(WithMetrics(metrics_, std::move(observers))),
      admission_({.texts = options.overload.max_queued_texts, .bytes = QueuedBytes(options)}),
      forward_watch_({.allowed = absl::Milliseconds(options.lifecycle.wedged_after_ms)}),
      repository_(TakenNames(declaration_)),
      budget_([limit = options.memory_limit_bytes] { return CurrentMemory(limit); }),
      loader_({repository_, admission_, budget_, &forward_watch_}, LoaderOptions(options, observers_.OrNull())),
      cascade_(MakeCascade(options, declaration_, repository_, step_threads_)),
      classifier_(cascade_ ? static_cast<Classifier&>(*cascade_) : repository_),
      catalog_(cascade_ ? static_cast<const ModelCatalog&>(*cascade_) : repository_),
      guard_(security_.ok() ? security_->access : nullptr),
      unread_(std::make_shared<UnreadAnswers>(QueuedBytes(options))),
      classifier_service_(guard_, classifier_,
                          ClassifierService::Limits{.max_inputs = options.max_inputs,
                                                    .max_deadline = absl::Milliseconds(options.max_deadline_ms),
                                                    .max_unanswered = options.grpc.max_stream_requests,
                                                    .max_waiting_bytes = QueuedBytes(options)},
                          observers_.OrNull(), unread_),
      models_service_(guard_, catalog_, loader_),
      health_service_(ServiceNames()),
      open_inference_service_(
          guard_, OpenInferenceService::Parts{.classifier = classifier_, .catalog = catalog_, .health = health_service_},
          OpenInferenceService::Limits{.max_inputs = options.max_inputs,
                                       .max_deadline = absl::Milliseconds(options.max_deadline_ms)},
          observers_.OrNull(), unread_),
      metrics_service_(
          guard_,
          [this](bool open) { return metrics_.registry().Write(open ? MetricFormat::kOpenMetrics : MetricFormat::kText); },
          unread_) {
  if (security_.ok()) AddSecurityMetrics(metrics(), "verdict-service", *security_);
  metrics_.ReadFrom({.models = [this] { return catalog_.List(); },
                     .queues = [this] { return repository_.Queues(); },
                     .ready = [this] { return health_service_.IsServing(); },
                     .stuck = [this] { return forward_watch_.FindStuck().has_value(); },
                     .unread_answers = [unread = unread_] { return unread->given_up(); },
                     .refused_connections = ConnectionsWithoutDescriptor});
}

Server::~Server() { Drain(SteadyNow()); }

absl::StatusOr<std::vector<int>> Server::Start() {
  if (!declaration_.ok()) return declaration_.status();
  if (!security_.ok()) return security_.status();
  if (const int wedged_after = options_.lifecycle.wedged_after_ms; wedged_after > 0) {
    watchdog_.emplace(forward_watch_, health_service_, std::min(kLongestBlink, absl::Milliseconds(wedged_after) / 10));
  }
  for (const std::string& address : options_.grpc_listen) {
    if (IsServed(address))
      return absl::UnavailableError(absl::StrCat("cannot listen on ", address, ": another process serves there"));
  }
  grpc::ServerBuilder builder;
  std::vector<int> ports(options_.grpc_listen.size(), 0);
  for (size_t i = 0; i < ports.size(); ++i) {
    credentials_.push_back(CredentialsFor(options_.grpc_listen[i], *security_));
    builder.AddListeningPort(options_.grpc_listen[i], credentials_.back(), &ports[i]);
  }
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);  // two services on one port would share its callers unnoticed
  LimitConnections(options_.grpc.connections, builder);
  RefuseCompressed(builder);
  LimitMessages(MessageBytes(QueuedBytes(options_), options_.max_message_bytes), builder);
  builder.SetMaxReceiveMessageSize(options_.max_message_bytes);
  builder.RegisterService(&classifier_service_);
  builder.RegisterService(&models_service_);
  builder.RegisterService(&health_service_);
  builder.RegisterService(&open_inference_service_);
  builder.RegisterService(&metrics_service_);
  if (options_.grpc.reflection) {
    reflection_.emplace(guard_, Reflected());
    for (grpc::Service* const service : reflection_->all()) builder.RegisterService(service);
  }
  server_ = builder.BuildAndStart();
  for (size_t i = 0; i < ports.size(); ++i) {
    if (server_ != nullptr && ports[i] != 0) continue;
    if (server_ == nullptr && ports[i] != 0 && ports.size() > 1) continue;  // another of the addresses is the one that failed
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", options_.grpc_listen[i], ": is the address in use, or no address of this host?"));
  }
  for (size_t i = 0; i < ports.size(); ++i) {
    if (absl::StartsWith(options_.grpc_listen[i], "unix")) ports[i] = 0;
  }
  if (absl::Status status = ListenForScrapes(); !status.ok()) return status;
  security_->files->Start();
  return ports;
}

absl::Status Server::ListenForScrapes() {
  if (options_.metrics_listen.empty()) return absl::OkStatus();
  auto listener = MetricsListener::Start(
      options_.metrics_listen, [this](MetricFormat format) { return metrics_.registry().Write(format).append(EndOf(format)); });
  if (!listener.ok())
    return absl::Status(listener.status().code(), absl::StrCat("--metrics-listen: ", listener.status().message()));
  metrics_listener_ = *std::move(listener);
  LogInfo("listening for scrapes", {{"port", metrics_port()}});
  return absl::OkStatus();
}

absl::Status Server::LoadModels() {
  if (!declaration_.ok()) return declaration_.status();
  const auto plan = PlanModels(options_, *declaration_);
  if (!plan.ok()) return plan.status();
  std::vector<ModelLocation> missing;
  std::vector<std::string> names;
  for (const ModelLocation& model : plan->models) {
    if (repository_.VersionOf(model.name).ok()) continue;
    missing.push_back(model);
    names.push_back(model.name);
  }
  repository_.Expect(plan->default_model, names);
  absl::Status first;
  for (const ModelLocation& model : missing) {
    const absl::Status status = loader_.LoadNow(model);
    if (status.ok() || !first.ok()) continue;
    const bool named = !options_.models.empty() || !options_.models_dir.empty();
    const std::string of = named ? absl::StrCat("model \"", model.name, "\": ") : "";
    first = absl::Status(status.code(), absl::StrCat(of, status.message()));
    if (options_.model_retry_ms == 0) break;
  }
  if (!first.ok()) return first;
  WarnOfMissingSteps(*declaration_, repository_);
  if (const auto model = catalog_.Get("", ""); model.ok()) metrics_.SetDefaultModel(model->name);
  WarnOfMissingRoot(options_);
  health_service_.SetServing(true);
  return first;
}

void Server::Drain(absl::Time deadline) {
  if (server_ == nullptr) return;
  loader_.Close();
  health_service_.Leave();
  health_service_.Close();
  classifier_service_.Drain();
  if (reflection_) reflection_->Drain();
  server_->Shutdown(ToWallClock(deadline));
  server_->Wait();
  server_.reset();
}

}  // namespace verdict
