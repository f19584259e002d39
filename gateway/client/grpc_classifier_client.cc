#include "gateway/client/grpc_classifier_client.h"

#include <utility>

#include "common/logging.h"
#include "common/steady_clock.h"
#include "gateway/client/classify_messages.h"
#include "gateway/client/failure.h"
#include "gateway/client/models_messages.h"
#include "grpcpp/create_channel.h"

namespace verdict {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

constexpr char kHealthService[] = "verdict.v1.Classifier";
constexpr int kFirstBackoffMs = 100;
constexpr int kMaxBackoffMs = 500;
// gRPC's name notwithstanding, this is how long one attempt to connect may take.
constexpr int kConnectTimeoutMs = 2000;
// A connection that goes nowhere, because a host has vanished or a cable was cut, is found out and made anew after these. Not
// more often than the service allows (--grpc-min-ping-interval-ms, 10 s).
constexpr int kKeepaliveMs = 12'000;
constexpr int kKeepaliveTimeoutMs = 4000;
constexpr int kUnlimited = -1;

void FindDeadConnections(grpc::ChannelArguments& arguments) {
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);  // else they stop after two, while nothing else is sent
}

// Leaves out what every call would pass through and our service makes no use of: compression, statistics for channelz, message
// limits, load reports. Deadlines would go as well, and are asked for again.
void KeepCallsLean(grpc::ChannelArguments& arguments) {
  arguments.SetInt(GRPC_ARG_MINIMAL_STACK, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_DEADLINE_CHECKS, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_PER_MESSAGE_COMPRESSION, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_CHANNELZ, 0);
}

std::shared_ptr<grpc::Channel> Connect(const std::string& target) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstBackoffMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kMaxBackoffMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMs);
  // A proxy named by the environment is for the way out, not for the way to our own service.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  FindDeadConnections(arguments);
  KeepCallsLean(arguments);
  arguments.SetMaxReceiveMessageSize(kUnlimited);
  arguments.SetMaxSendMessageSize(kUnlimited);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

// A call, and what its end is told to.
template <typename Response, typename Done>
struct UnaryCall : CallQueue::Call {
  explicit UnaryCall(Done d) : done(std::move(d)) {}

  grpc::Status status;
  Response response;
  Done done;
  std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> reader;
};

struct ClassifyRpc : UnaryCall<v1::ClassifyResponse, ClassifierClient::Done> {
  using UnaryCall::UnaryCall;
  void End() override {
    if (status.ok()) {
      done(FromMessage(response));
    } else {
      done(ToFailure(status));
    }
  }
};

void SetDeadline(grpc::ClientContext& context, absl::Time deadline) {
  if (deadline != absl::InfiniteFuture()) context.set_deadline(ToWallClock(deadline));
}

void SetIds(grpc::ClientContext& context, const CallOptions& options) {
  if (!options.request_id.empty()) context.AddMetadata("x-request-id", options.request_id);
  if (!options.inference_id.empty()) context.AddMetadata("x-amzn-sagemaker-inference-id", options.inference_id);
  if (!options.client_id.empty()) context.AddMetadata("x-client-id", options.client_id);
  if (options.trace_parent.empty()) return;
  context.AddMetadata("traceparent", options.trace_parent);
  if (!options.trace_state.empty()) context.AddMetadata("tracestate", options.trace_state);
}

std::string_view WhyUnhealthy(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::OK:
      return "the classification service is up but takes no requests: it is loading its model, or shutting down";
    case grpc::StatusCode::NOT_FOUND:
      return "the classification service is up but has no classifier yet";
    case grpc::StatusCode::UNIMPLEMENTED:
      return "what answers at the service's address is no classification service: it has no health check";
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return "the classification service did not answer its health check in time";
    default:
      return "the classification service cannot be reached";
  }
}

absl::Status ToHealth(const grpc::Status& status, const HealthCheckResponse& response) {
  if (status.ok() && response.status() == HealthCheckResponse::SERVING) return absl::OkStatus();
  LogDebug("health check", {{"code", static_cast<int>(status.error_code())}, {"error", status.error_message()}});
  return absl::UnavailableError(std::string(WhyUnhealthy(status)));
}

struct HealthRpc : UnaryCall<HealthCheckResponse, absl::AnyInvocable<void(absl::Status)>> {
  using UnaryCall::UnaryCall;
  void End() override { done(ToHealth(status, response)); }
};

// A call of verdict.v1.Models; `read` turns its response into models.
template <typename Response>
struct ModelsRpc : UnaryCall<Response, ClassifierClient::ModelsDone> {
  using Read = std::vector<ModelDescription> (*)(Response&);

  ModelsRpc(ClassifierClient::ModelsDone d, Read r) : UnaryCall<Response, ClassifierClient::ModelsDone>(std::move(d)), read(r) {}
  void End() override {
    if (this->status.ok()) {
      this->done(read(this->response));
    } else {
      this->done(ToFailure(this->status));
    }
  }

  const Read read;
};

std::vector<ModelDescription> ReadOne(v1::Model& model) { return {FromMessage(model)}; }
std::vector<ModelDescription> ReadList(v1::ListModelsResponse& response) { return FromMessage(response); }
std::vector<ModelDescription> ReadNothing(v1::UnloadModelResponse&) { return {}; }

}  // namespace

GrpcClassifierClient::GrpcClassifierClient(const std::string& target) : GrpcClassifierClient(Connect(target)) {}

GrpcClassifierClient::GrpcClassifierClient(const std::shared_ptr<grpc::Channel>& channel)
    : classifier_(v1::Classifier::NewStub(channel)),
      models_(v1::Models::NewStub(channel)),
      health_(grpc::health::v1::Health::NewStub(channel)) {}

// Begins a call; `method` begins it on its stub.
template <typename Rpc, typename Method>
void GrpcClassifierClient::Start(const std::shared_ptr<Rpc>& rpc, const CallOptions& options, Method method) {
  SetDeadline(rpc->context, options.deadline);
  SetIds(rpc->context, options);
  calls_.Run(rpc, [&](grpc::CompletionQueue* queue, void* tag) {
    rpc->reader = method(&rpc->context, queue);
    rpc->reader->Finish(&rpc->response, &rpc->status, tag);
  });
}

CancelCall GrpcClassifierClient::Classify(ClassifyCall call, CallOptions options, Done done) {
  const auto rpc = std::make_shared<ClassifyRpc>(std::move(done));
  const v1::ClassifyRequest request = ToMessage(std::move(call));
  Start(rpc, options, [&](auto* context, auto* queue) { return classifier_->AsyncClassify(context, request, queue); });
  return [weak = std::weak_ptr(rpc)] {
    if (const auto alive = weak.lock()) alive->context.TryCancel();
  };
}

void GrpcClassifierClient::CheckHealth(absl::Time deadline, absl::AnyInvocable<void(absl::Status)> done) {
  HealthCheckRequest request;
  request.set_service(kHealthService);
  Start(std::make_shared<HealthRpc>(std::move(done)), {.deadline = deadline, .request_id = {}},
        [&](auto* context, auto* queue) { return health_->AsyncCheck(context, request, queue); });
}

void GrpcClassifierClient::QueryModels(ModelsQuery query, CallOptions options, ModelsDone done) {
  switch (query.kind) {
    case ModelsQuery::Kind::kList:
      return Start(std::make_shared<ModelsRpc<v1::ListModelsResponse>>(std::move(done), ReadList), options,
                   [&](auto* context, auto* queue) { return models_->AsyncListModels(context, {}, queue); });
    case ModelsQuery::Kind::kGet:
      return Start(std::make_shared<ModelsRpc<v1::Model>>(std::move(done), ReadOne), options,
                   [&](auto* context, auto* queue) { return models_->AsyncGetModel(context, ToGetModel(query), queue); });
    case ModelsQuery::Kind::kLoad:
      return Start(std::make_shared<ModelsRpc<v1::Model>>(std::move(done), ReadOne), options,
                   [&](auto* context, auto* queue) { return models_->AsyncLoadModel(context, ToLoadModel(query), queue); });
    case ModelsQuery::Kind::kUnload:
      return Start(std::make_shared<ModelsRpc<v1::UnloadModelResponse>>(std::move(done), ReadNothing), options,
                   [&](auto* context, auto* queue) { return models_->AsyncUnloadModel(context, ToUnloadModel(query), queue); });
  }
}

}  // namespace verdict
