#include "services/classifier/rpc/open_inference_service.h"

#include <memory>
#include <utility>

#include "services/classifier/rpc/call_observation.h"
#include "services/classifier/rpc/error_details.h"
#include "services/classifier/rpc/open_inference_tensors.h"
#include "services/classifier/rpc/unary_call.h"
#include "services/classifier/rpc/wire_fields.h"

namespace verdict {
namespace {

grpc::ServerUnaryReactor* Finish(grpc::CallbackServerContext& context, const absl::Status& status) {
  auto* reactor = context.DefaultReactor();
  reactor->Finish(ToRichStatus(status, EchoRequestId(context)));
  return reactor;
}

absl::StatusOr<InferenceCall> Read(const grpc::ByteBuffer& buffer, int max_inputs) {
  if (!buffer.Valid()) return MessageDidNotArrive();
  constexpr int kTensors = inference::ModelInferRequest::kInputsFieldNumber;
  constexpr int kContents = inference::ModelInferRequest::InferInputTensor::kContentsFieldNumber;
  if (absl::Status status = CheckFields(buffer, {kTensors, kContents}, max_inputs); !status.ok()) return status;
  inference::ModelInferRequest message;
  if (!ParseMessage(buffer, message)) {
    return absl::InvalidArgumentError("the request is no well-formed inference.ModelInferRequest whose names are UTF-8");
  }
  return FromProto(std::move(message), max_inputs);
}

// What is kept of a call while its texts are with the classifier.
struct Pending {
  InferenceCall call;
  ModelInfo model;
};

void Answer(UnaryCall& call, const Pending& pending, const absl::StatusOr<ClassifyResponse>& answer) {
  if (!answer.ok()) return call.Refuse(NameElement(answer.status(), pending.call));
  inference::ModelInferResponse message;
  ToProto(*answer, pending.call, pending.model, message);
  call.Answer(message);
}

}  // namespace

grpc::ServerUnaryReactor* OpenInferenceService::ServerLive(grpc::CallbackServerContext* context,
                                                           const inference::ServerLiveRequest*,
                                                           inference::ServerLiveResponse* response) {
  response->set_live(true);
  return Finish(*context, absl::OkStatus());
}

grpc::ServerUnaryReactor* OpenInferenceService::ServerReady(grpc::CallbackServerContext* context,
                                                            const inference::ServerReadyRequest*,
                                                            inference::ServerReadyResponse* response) {
  response->set_ready(parts_.health.IsServing());
  return Finish(*context, absl::OkStatus());
}

grpc::ServerUnaryReactor* OpenInferenceService::ModelReady(grpc::CallbackServerContext* context,
                                                           const inference::ModelReadyRequest* request,
                                                           inference::ModelReadyResponse* response) {
  response->set_ready(parts_.health.IsServing() && parts_.catalog.Get(request->name(), request->version()).ok());
  return Finish(*context, absl::OkStatus());
}

grpc::ServerUnaryReactor* OpenInferenceService::ServerMetadata(grpc::CallbackServerContext* context,
                                                               const inference::ServerMetadataRequest*,
                                                               inference::ServerMetadataResponse* response) {
  response->set_name("verdict");
  response->set_version(VERDICT_VERSION);
  response->add_extensions("classification");
  return Finish(*context, absl::OkStatus());
}

grpc::ServerUnaryReactor* OpenInferenceService::ModelMetadata(grpc::CallbackServerContext* context,
                                                              const inference::ModelMetadataRequest* request,
                                                              inference::ModelMetadataResponse* response) {
  const auto model = parts_.catalog.Get(request->name(), request->version());
  if (model.ok()) Describe(*model, *response);
  return Finish(*context, model.status());
}

grpc::ServerUnaryReactor* OpenInferenceService::ModelInferFor(ClientIdentity client, grpc::CallbackServerContext& context,
                                                              const grpc::ByteBuffer& request, grpc::ByteBuffer* response) {
  const auto call = UnaryCall::Begin(context, response, unread_);
  CallObservation observation(observer_, CallMethod::kModelInfer, context, client.caller);
  auto read = Read(request, limits_.max_inputs);
  if (read.ok()) observation.Asked(read->request);
  auto model =
      read.ok() ? parts_.catalog.Get(read->request.model, read->request.model_version) : absl::StatusOr<ModelInfo>(read.status());
  if (!model.ok()) {
    observation.End(model.status());
    call->Refuse(model.status());
    return call.get();
  }
  ClassifyRequest classify = std::move(read->request);
  const auto pending = std::make_shared<const Pending>(Pending{*std::move(read), *std::move(model)});
  CallContext call_context{.deadline = DeadlineOf(context, limits_.max_deadline),
                           .request_id = call->request_id(),
                           .trace = observation.trace(),
                           .cancelled = call->cancelled(),
                           .client = std::move(client.client)};
  parts_.classifier.Classify(
      std::move(classify), std::move(call_context),
      [call, pending, observation = std::move(observation)](absl::StatusOr<ClassifyResponse> answer) mutable {
        observation.End(answer);
        Answer(*call, *pending, answer);
      });
  return call.get();
}

}  // namespace verdict
