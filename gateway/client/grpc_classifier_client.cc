#include "gateway/client/grpc_classifier_client.h"

#include <algorithm>
#include <utility>

#include "common/grpc_status.h"
#include "common/logging.h"
#include "common/steady_clock.h"
#include "gateway/client/call_failure.h"
#include "gateway/client/classify_messages.h"
#include "gateway/client/failure.h"
#include "gateway/client/grpc_channel.h"
#include "gateway/client/models_messages.h"

namespace verdict {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

constexpr char kHealthService[] = "verdict.v1.Classifier";
constexpr char kLiveness[] = "liveness";

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
  ClassifyRpc(ClassifierClient::Done d, bool is_connected) : UnaryCall(std::move(d)), connected(is_connected) {}
  void End() override {
    if (status.ok()) return done(FromMessage(response));
    absl::Status failure = ToFailure(status);
    // Our service's own refusals have details.
    const bool refused = !status.error_details().empty();
    done(connected && !refused && failure.code() == absl::StatusCode::kUnavailable ? MarkLost(std::move(failure)) : failure);
  }

  const bool connected;  // when the call began, so that it was sent
};

void SetDeadline(grpc::ClientContext& context, absl::Time deadline) {
  if (deadline != absl::InfiniteFuture()) context.set_deadline(ToWallClock(deadline));
}

// Whoever makes these values sees to it that they are visible ASCII. gRPC ends the process over others, so here they are left
// out.
void SetText(grpc::ClientContext& context, const char* name, const std::string& value) {
  const bool visible = std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (visible && !value.empty()) context.AddMetadata(name, value);
}

void SetIds(grpc::ClientContext& context, const CallOptions& options) {
  SetText(context, "x-request-id", options.request_id);
  SetText(context, "x-amzn-sagemaker-inference-id", options.inference_id);
  SetText(context, "x-client-id", options.client_id);
  if (options.trace_parent.empty()) return;
  SetText(context, "traceparent", options.trace_parent);
  SetText(context, "tracestate", options.trace_state);
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

absl::Status Failure(const grpc::Status& status) {
  LogDebug("health check", {{"code", static_cast<int>(status.error_code())}, {"error", status.error_message()}});
  const bool silent = status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
  const absl::StatusCode code = silent ? absl::StatusCode::kDeadlineExceeded : absl::StatusCode::kUnavailable;
  return WithReason({code, std::string(WhyUnhealthy(status))}, status.error_message());
}

absl::Status ToHealth(const grpc::Status& status, bool serving) { return serving ? absl::OkStatus() : Failure(status); }

absl::Status ToLiveness(const grpc::Status& status, bool serving) {
  const bool no_such_question =
      status.error_code() == grpc::StatusCode::NOT_FOUND || status.error_code() == grpc::StatusCode::UNIMPLEMENTED;
  if (serving || no_such_question) return absl::OkStatus();
  if (status.ok()) return absl::FailedPreconditionError("it says that it is stuck");
  return Failure(status);
}

struct HealthRpc : UnaryCall<HealthCheckResponse, absl::AnyInvocable<void(const grpc::Status&, bool)>> {
  using UnaryCall::UnaryCall;
  void End() override { done(status, status.ok() && response.status() == HealthCheckResponse::SERVING); }
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

struct MetricsRpc : UnaryCall<v1::CollectMetricsResponse, MetricsClient::MetricsDone> {
  using UnaryCall::UnaryCall;
  void End() override {
    if (status.ok()) {
      done(std::move(*response.mutable_text()));
    } else {
      done(FromGrpcStatus(status));
    }
  }
};

std::vector<ModelDescription> ReadOne(v1::Model& model) { return {FromMessage(model)}; }
std::vector<ModelDescription> ReadList(v1::ListModelsResponse& response) { return FromMessage(response); }
std::vector<ModelDescription> ReadNothing(v1::UnloadModelResponse&) { return {}; }

}  // namespace

std::shared_ptr<const GrpcClassifierClient::Stubs> GrpcClassifierClient::CurrentStubs() {
  auto certificates = connection_.certificates ? connection_.certificates->current() : nullptr;
  const std::lock_guard lock(mutex_);
  if (stubs_ && certificates == connected_with_) return stubs_;
  auto channel = ConnectToService(connection_, certificates.get());
  stubs_ = std::make_shared<const Stubs>(Stubs{.channel = channel,
                                               .classifier = v1::Classifier::NewStub(channel),
                                               .models = v1::Models::NewStub(channel),
                                               .health = grpc::health::v1::Health::NewStub(channel),
                                               .metrics = v1::Metrics::NewStub(channel)});
  connected_with_ = std::move(certificates);
  return stubs_;
}

// Begins a call; `method` begins it on its stub.
template <typename Rpc, typename Method>
void GrpcClassifierClient::Start(const std::shared_ptr<Rpc>& rpc, const CallOptions& options, Method method) {
  SetDeadline(rpc->context, options.deadline);
  SetIds(rpc->context, options);
  if (connection_.api_key) rpc->context.AddMetadata("x-api-key", *connection_.api_key->current());
  calls_.Run(rpc, [&](grpc::CompletionQueue* queue, void* tag) {
    rpc->reader = method(&rpc->context, queue);
    rpc->reader->Finish(&rpc->response, &rpc->status, tag);
  });
}

CancelCall GrpcClassifierClient::Classify(ClassifyCall call, CallOptions options, Done done) {
  const auto stubs = CurrentStubs();
  const auto rpc = std::make_shared<ClassifyRpc>(std::move(done), stubs->channel->GetState(false) == GRPC_CHANNEL_READY);
  const v1::ClassifyRequest request = ToMessage(std::move(call));
  Start(rpc, options, [&](auto* context, auto* queue) { return stubs->classifier->AsyncClassify(context, request, queue); });
  return [weak = std::weak_ptr(rpc)] {
    if (const auto alive = weak.lock()) alive->context.TryCancel();
  };
}

void GrpcClassifierClient::AskHealth(const char* service, absl::Time deadline,
                                     absl::AnyInvocable<void(const grpc::Status&, bool serving)> done) {
  // Who asks wants to know what is, not what was when a connection was last tried.
  const auto stubs = CurrentStubs();
  if (stubs->channel->GetState(false) == GRPC_CHANNEL_TRANSIENT_FAILURE) {
    grpc::experimental::ChannelResetConnectionBackoff(stubs->channel.get());
  }
  HealthCheckRequest request;
  request.set_service(service);
  Start(std::make_shared<HealthRpc>(std::move(done)), {.deadline = deadline, .request_id = ""},
        [&](auto* context, auto* queue) { return stubs->health->AsyncCheck(context, request, queue); });
}

void GrpcClassifierClient::CheckHealth(absl::Time deadline, absl::AnyInvocable<void(absl::Status)> done) {
  AskHealth(kHealthService, deadline,
            [done = std::move(done)](const grpc::Status& status, bool serving) mutable { done(ToHealth(status, serving)); });
}

void GrpcClassifierClient::CheckLive(absl::Time deadline, absl::AnyInvocable<void(absl::Status)> done) {
  AskHealth(kLiveness, deadline,
            [done = std::move(done)](const grpc::Status& status, bool serving) mutable { done(ToLiveness(status, serving)); });
}

void GrpcClassifierClient::CollectMetrics(bool open_metrics, absl::Time deadline, MetricsDone done) {
  const auto stubs = CurrentStubs();
  v1::CollectMetricsRequest request;
  request.set_open_metrics(open_metrics);
  Start(std::make_shared<MetricsRpc>(std::move(done)), {.deadline = deadline, .request_id = {}},
        [&](auto* context, auto* queue) { return stubs->metrics->AsyncCollect(context, request, queue); });
}

void GrpcClassifierClient::QueryModels(ModelsQuery query, CallOptions options, ModelsDone done) {
  const auto stubs = CurrentStubs();
  switch (query.kind) {
    case ModelsQuery::Kind::kList:
      return Start(std::make_shared<ModelsRpc<v1::ListModelsResponse>>(std::move(done), ReadList), options,
                   [&](auto* context, auto* queue) { return stubs->models->AsyncListModels(context, {}, queue); });
    case ModelsQuery::Kind::kGet:
      return Start(std::make_shared<ModelsRpc<v1::Model>>(std::move(done), ReadOne), options,
                   [&](auto* context, auto* queue) { return stubs->models->AsyncGetModel(context, ToGetModel(query), queue); });
    case ModelsQuery::Kind::kLoad:
      return Start(std::make_shared<ModelsRpc<v1::Model>>(std::move(done), ReadOne), options,
                   [&](auto* context, auto* queue) { return stubs->models->AsyncLoadModel(context, ToLoadModel(query), queue); });
    case ModelsQuery::Kind::kUnload:
      return Start(
          std::make_shared<ModelsRpc<v1::UnloadModelResponse>>(std::move(done), ReadNothing), options,
          [&](auto* context, auto* queue) { return stubs->models->AsyncUnloadModel(context, ToUnloadModel(query), queue); });
  }
}

}  // namespace verdict
