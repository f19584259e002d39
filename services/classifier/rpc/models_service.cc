#include "services/classifier/rpc/models_service.h"

#include <string>
#include <utility>

#include "services/classifier/rpc/error_details.h"
#include "services/classifier/rpc/unary_call.h"

namespace verdict {
namespace {

void ToProto(const ModelInfo& info, v1::Model& message) {
  message.set_name(info.name);
  message.set_version(info.version);
  message.set_is_default(info.is_default);
  message.set_architecture(info.architecture);
  message.set_backend(info.backend);
  message.mutable_labels()->Assign(info.labels.begin(), info.labels.end());
  message.set_max_tokens(static_cast<uint32_t>(info.max_tokens));
  message.set_default_function_to_apply(info.default_function_to_apply);
  message.set_precision(info.precision);
  message.set_parameters(static_cast<uint64_t>(info.parameters));
  const int64_t microseconds = absl::ToUnixMicros(info.loaded_at);
  message.mutable_loaded_at()->set_seconds(microseconds / 1'000'000);
  message.mutable_loaded_at()->set_nanos(static_cast<int32_t>(microseconds % 1'000'000 * 1000));
  message.set_path(info.path);
  message.set_memory_bytes(static_cast<uint64_t>(info.memory_bytes));
}

// Of an order. What is exhausted where models are loaded is memory.
grpc::Status Answer(absl::Status status, const std::string& request_id) {
  if (status.ok()) return grpc::Status::OK;
  if (absl::IsResourceExhausted(status)) status = WithReason(std::move(status), Reason::kOutOfMemory);
  LogRefusal(status, request_id);
  return ToRichStatus(status, request_id);
}

}  // namespace

grpc::ServerUnaryReactor* ModelsService::ListModels(grpc::CallbackServerContext* context, const v1::ListModelsRequest*,
                                                    v1::ListModelsResponse* response) {
  for (const ModelInfo& info : catalog_.List()) ToProto(info, *response->add_models());
  EchoRequestId(*context);
  auto* reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

grpc::ServerUnaryReactor* ModelsService::GetModel(grpc::CallbackServerContext* context, const v1::GetModelRequest* request,
                                                  v1::Model* response) {
  const auto info = catalog_.Get(request->name(), request->version());
  if (info.ok()) ToProto(*info, *response);
  auto* reactor = context->DefaultReactor();
  reactor->Finish(ToRichStatus(info.status(), EchoRequestId(*context)));
  return reactor;
}

grpc::ServerUnaryReactor* ModelsService::LoadModel(grpc::CallbackServerContext* context, const v1::LoadModelRequest* request,
                                                   v1::Model* response) {
  auto* reactor = context->DefaultReactor();
  admin_.Load(request->name(), request->path(),
              [reactor, response, id = EchoRequestId(*context)](const absl::StatusOr<ModelInfo>& info) {
                if (info.ok()) ToProto(*info, *response);
                reactor->Finish(Answer(info.status(), id));
              });
  return reactor;
}

grpc::ServerUnaryReactor* ModelsService::UnloadModel(grpc::CallbackServerContext* context, const v1::UnloadModelRequest* request,
                                                     v1::UnloadModelResponse* /*response*/) {
  auto* reactor = context->DefaultReactor();
  admin_.Unload(request->name(),
                [reactor, id = EchoRequestId(*context)](const absl::Status& status) { reactor->Finish(Answer(status, id)); });
  return reactor;
}

}  // namespace verdict
