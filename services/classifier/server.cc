#include "services/classifier/server.h"

#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/cpu_limit.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/grpcpp.h"
#include "services/classifier/repository/load_checked_model.h"
#include "services/classifier/repository/verify_golden.h"

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
  const auto deadline = std::chrono::system_clock::now() + std::chrono::seconds(1);
  for (grpc_connectivity_state state = channel->GetState(true); state != GRPC_CHANNEL_TRANSIENT_FAILURE;
       state = channel->GetState(true)) {
    if (state == GRPC_CHANNEL_READY) return true;
    if (!channel->WaitForStateChange(state, deadline)) return true;  // accepts, and says nothing
  }
  return false;
}

int Threads(const ServiceOptions& options) { return options.threads > 0 ? options.threads : AvailableProcessors(); }

}  // namespace

Server::Server(const ServiceOptions& options)
    : options_(options),
      admission_({.texts = options.max_queued_texts, .bytes = options.max_queued_bytes}),
      classifier_service_(repository_, {.max_inputs = options.max_inputs,
                                        .max_deadline = absl::Milliseconds(options.max_deadline_ms),
                                        .max_unanswered = options.grpc.max_stream_requests}),
      models_service_(repository_),
      health_service_({v1::Classifier::service_full_name(), v1::Models::service_full_name(),
                       inference::GRPCInferenceService::service_full_name()}),
      open_inference_service_({.classifier = repository_, .catalog = repository_, .health = health_service_},
                              {.max_inputs = options.max_inputs, .max_deadline = absl::Milliseconds(options.max_deadline_ms)}) {}

Server::~Server() { Drain(absl::Now()); }

absl::StatusOr<std::vector<int>> Server::Start() {
  for (const std::string& address : options_.grpc_listen) {
    if (IsServed(address))
      return absl::UnavailableError(absl::StrCat("cannot listen on ", address, ": another process serves there"));
  }
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  std::vector<int> ports(options_.grpc_listen.size(), 0);
  for (size_t i = 0; i < ports.size(); ++i)
    builder.AddListeningPort(options_.grpc_listen[i], grpc::InsecureServerCredentials(), &ports[i]);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);  // two services on one port would share its callers unnoticed
  LimitConnections(options_.grpc.connections, builder);
  if (!options_.grpc.reflection) RemoveReflection(builder);
  builder.SetMaxReceiveMessageSize(options_.max_message_bytes);
  builder.RegisterService(&classifier_service_);
  builder.RegisterService(&models_service_);
  builder.RegisterService(&health_service_);
  builder.RegisterService(&open_inference_service_);
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
  return ports;
}

absl::Status Server::LoadModel() {
  auto parts = LoadCheckedModel(
      options_.model_name, options_.model_dir,
      {.precision = options_.precision, .threads = Threads(options_), .prepared_weights = options_.prepared_weights},
      options_.verify_at_load);
  if (!parts.ok()) return parts.status();
  if (!options_.verify_at_load.empty()) {
    if (absl::Status status = RequireGoldenAnswers(*parts, options_.verify_at_load); !status.ok()) return status;
  }
  parts->max_windows = options_.max_windows;
  BatchScheduler::Options batching{.max_batch_tokens = options_.max_batch_tokens};
  absl::Status added = repository_.Add(std::make_unique<ModelClassifier>(*std::move(parts), admission_, std::move(batching)));
  if (added.ok()) health_service_.SetServing(true);
  return added;
}

void Server::Drain(absl::Time deadline) {
  if (server_ == nullptr) return;
  health_service_.SetServing(false);
  health_service_.Close();
  classifier_service_.Drain();
  server_->Shutdown(absl::ToChronoTime(deadline));
  server_->Wait();
  server_.reset();
}

}  // namespace verdict
