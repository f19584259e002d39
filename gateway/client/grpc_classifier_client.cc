#include "gateway/client/grpc_classifier_client.h"

#include <utility>

#include "common/grpc_status.h"
#include "common/logging.h"
#include "gateway/client/classify_messages.h"
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
constexpr int kUnlimited = -1;

std::shared_ptr<grpc::Channel> Connect(const std::string& target) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstBackoffMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kMaxBackoffMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMs);
  // A proxy named by the environment is for the way out, not for the way to our own service.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetMaxReceiveMessageSize(kUnlimited);
  arguments.SetMaxSendMessageSize(kUnlimited);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

// All that one call needs until its callback has run.
template <typename Request, typename Response, typename Done>
struct Call {
  grpc::ClientContext context;
  Request request;
  Response response;
  Done done;
};

using ClassifyRpc = Call<v1::ClassifyRequest, v1::ClassifyResponse, ClassifierClient::Done>;
using HealthRpc = Call<HealthCheckRequest, HealthCheckResponse, absl::AnyInvocable<void(absl::Status)>>;

// The context of a call, owning all of the call.
template <typename Rpc>
std::shared_ptr<grpc::ClientContext> ContextOf(std::shared_ptr<Rpc> rpc) {
  grpc::ClientContext* const context = &rpc->context;
  return {std::move(rpc), context};
}

void SetDeadline(grpc::ClientContext& context, absl::Time deadline) {
  if (deadline != absl::InfiniteFuture()) context.set_deadline(absl::ToChronoTime(deadline));
}

void SetIds(grpc::ClientContext& context, const CallOptions& options) {
  if (!options.request_id.empty()) context.AddMetadata("x-request-id", options.request_id);
  if (!options.inference_id.empty()) context.AddMetadata("x-amzn-sagemaker-inference-id", options.inference_id);
  if (!options.trace_parent.empty()) context.AddMetadata("traceparent", options.trace_parent);
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

}  // namespace

GrpcClassifierClient::GrpcClassifierClient(const std::string& target) : GrpcClassifierClient(Connect(target)) {}

GrpcClassifierClient::GrpcClassifierClient(const std::shared_ptr<grpc::Channel>& channel)
    : classifier_(v1::Classifier::NewStub(channel)),
      models_(v1::Models::NewStub(channel)),
      health_(grpc::health::v1::Health::NewStub(channel)) {}

CancelCall GrpcClassifierClient::Classify(ClassifyCall call, CallOptions options, Done done) {
  auto owner = std::make_shared<ClassifyRpc>();
  ClassifyRpc* const rpc = owner.get();
  rpc->request = ToMessage(std::move(call));
  rpc->done = std::move(done);
  SetDeadline(rpc->context, options.deadline);
  SetIds(rpc->context, options);
  const auto context = ContextOf(std::move(owner));
  outstanding_.Add(context);
  // The callback holds a plain pointer: gRPC destroys it on a thread of its own, later than it runs it.
  classifier_->async()->Classify(&rpc->context, &rpc->request, &rpc->response, [this, rpc](const grpc::Status& status) {
    if (status.ok()) {
      std::exchange(rpc->done, nullptr)(FromMessage(rpc->response));
    } else {
      std::exchange(rpc->done, nullptr)(FromGrpcStatus(status));
    }
    outstanding_.Finish(&rpc->context);
  });
  return [weak = std::weak_ptr(context)] {
    if (const auto alive = weak.lock()) alive->TryCancel();
  };
}

void GrpcClassifierClient::CheckHealth(absl::Time deadline, absl::AnyInvocable<void(absl::Status)> done) {
  auto owner = std::make_shared<HealthRpc>();
  HealthRpc* const rpc = owner.get();
  rpc->request.set_service(kHealthService);
  rpc->done = std::move(done);
  SetDeadline(rpc->context, deadline);
  outstanding_.Add(ContextOf(std::move(owner)));
  health_->async()->Check(&rpc->context, &rpc->request, &rpc->response, [this, rpc](const grpc::Status& status) {
    std::exchange(rpc->done, nullptr)(ToHealth(status, rpc->response));
    outstanding_.Finish(&rpc->context);
  });
}

template <typename Request, typename Response, typename Start, typename Read>
void GrpcClassifierClient::StartModelsCall(Request request, const CallOptions& options, ModelsDone done, Start start, Read read) {
  using Rpc = Call<Request, Response, ModelsDone>;
  auto owner = std::make_shared<Rpc>();
  Rpc* const rpc = owner.get();
  rpc->request = std::move(request);
  rpc->done = std::move(done);
  SetDeadline(rpc->context, options.deadline);
  SetIds(rpc->context, options);
  outstanding_.Add(ContextOf(std::move(owner)));
  start(models_->async(), &rpc->context, &rpc->request, &rpc->response, [this, rpc, read](const grpc::Status& status) {
    auto finish = std::exchange(rpc->done, nullptr);
    if (status.ok()) {
      finish(read(rpc->response));
    } else {
      finish(FromGrpcStatus(status));
    }
    outstanding_.Finish(&rpc->context);
  });
}

void GrpcClassifierClient::QueryModels(ModelsQuery query, CallOptions options, ModelsDone done) {
  using Callback = std::function<void(grpc::Status)>;
  using Models = std::vector<ModelDescription>;
  const auto one = [](v1::Model& model) { return Models{FromMessage(model)}; };
  switch (query.kind) {
    case ModelsQuery::Kind::kList:
      return StartModelsCall<v1::ListModelsRequest, v1::ListModelsResponse>(
          {}, options, std::move(done),
          [](auto* stub, auto* context, auto* request, auto* response, Callback callback) {
            stub->ListModels(context, request, response, std::move(callback));
          },
          [](v1::ListModelsResponse& response) { return FromMessage(response); });
    case ModelsQuery::Kind::kGet:
      return StartModelsCall<v1::GetModelRequest, v1::Model>(
          ToGetModel(query), options, std::move(done),
          [](auto* stub, auto* context, auto* request, auto* response, Callback callback) {
            stub->GetModel(context, request, response, std::move(callback));
          },
          one);
    case ModelsQuery::Kind::kLoad:
      return StartModelsCall<v1::LoadModelRequest, v1::Model>(
          ToLoadModel(query), options, std::move(done),
          [](auto* stub, auto* context, auto* request, auto* response, Callback callback) {
            stub->LoadModel(context, request, response, std::move(callback));
          },
          one);
    case ModelsQuery::Kind::kUnload:
      return StartModelsCall<v1::UnloadModelRequest, v1::UnloadModelResponse>(
          ToUnloadModel(query), options, std::move(done),
          [](auto* stub, auto* context, auto* request, auto* response, Callback callback) {
            stub->UnloadModel(context, request, response, std::move(callback));
          },
          [](v1::UnloadModelResponse&) { return Models(); });
  }
}

}  // namespace verdict
