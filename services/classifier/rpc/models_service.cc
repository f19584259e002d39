#include "services/classifier/rpc/models_service.h"

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
}

}  // namespace

grpc::ServerUnaryReactor* ModelsService::ListModels(grpc::CallbackServerContext* context, const v1::ListModelsRequest*,
                                                    v1::ListModelsResponse* response) {
  for (const ModelInfo& info : catalog_.List()) ToProto(info, *response->add_models());
  auto* reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

grpc::ServerUnaryReactor* ModelsService::GetModel(grpc::CallbackServerContext* context, const v1::GetModelRequest* request,
                                                  v1::Model* response) {
  const auto info = catalog_.Get(request->name(), request->version());
  if (info.ok()) ToProto(*info, *response);
  auto* reactor = context->DefaultReactor();
  reactor->Finish(ToRichStatus(info.status(), ReadRequestId(*context)));
  return reactor;
}

}  // namespace verdict
