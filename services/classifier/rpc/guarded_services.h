#pragma once

#include "services/classifier/rpc/access_guard.h"
#include "services/classifier/rpc/classifier_service.h"
#include "services/classifier/rpc/metrics_service.h"
#include "services/classifier/rpc/models_service.h"
#include "services/classifier/rpc/open_inference_service.h"

namespace verdict {

// The services with a guard before each method; what a method needs stands here and nowhere else. The guard outlives them. Health
// has none: whoever balances load or restarts containers asks without credentials.

class GuardedClassifierService final : public ClassifierService {
 public:
  template <typename... Arguments>
  explicit GuardedClassifierService(const AccessGuard& guard, Arguments&&... arguments)
      : ClassifierService(std::forward<Arguments>(arguments)...), guard_(guard) {}

  grpc::ServerUnaryReactor* Classify(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                     grpc::ByteBuffer* response) override {
    return guard_.Unary(*context, Role::kInference,
                        [&](ClientIdentity client) { return ClassifyFor(std::move(client), *context, *request, response); });
  }
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* StreamClassify(grpc::CallbackServerContext* context) override;

 private:
  const AccessGuard& guard_;
};

class GuardedModelsService final : public ModelsService {
 public:
  template <typename... Arguments>
  explicit GuardedModelsService(const AccessGuard& guard, Arguments&&... arguments)
      : ModelsService(std::forward<Arguments>(arguments)...), guard_(guard) {}

  grpc::ServerUnaryReactor* ListModels(grpc::CallbackServerContext* context, const v1::ListModelsRequest* request,
                                       v1::ListModelsResponse* response) override {
    return guard_.Unary(*context, Role::kModelsRead, [&] { return ModelsService::ListModels(context, request, response); });
  }
  grpc::ServerUnaryReactor* GetModel(grpc::CallbackServerContext* context, const v1::GetModelRequest* request,
                                     v1::Model* response) override {
    return guard_.Unary(*context, Role::kModelsRead, [&] { return ModelsService::GetModel(context, request, response); });
  }
  grpc::ServerUnaryReactor* LoadModel(grpc::CallbackServerContext* context, const v1::LoadModelRequest* request,
                                      v1::Model* response) override {
    return guard_.Unary(*context, Role::kAdmin, [&] { return ModelsService::LoadModel(context, request, response); });
  }
  grpc::ServerUnaryReactor* UnloadModel(grpc::CallbackServerContext* context, const v1::UnloadModelRequest* request,
                                        v1::UnloadModelResponse* response) override {
    return guard_.Unary(*context, Role::kAdmin, [&] { return ModelsService::UnloadModel(context, request, response); });
  }

 private:
  const AccessGuard& guard_;
};

// ServerLive and ServerReady are health.
class GuardedOpenInferenceService final : public OpenInferenceService {
 public:
  template <typename... Arguments>
  explicit GuardedOpenInferenceService(const AccessGuard& guard, Arguments&&... arguments)
      : OpenInferenceService(std::forward<Arguments>(arguments)...), guard_(guard) {}

  grpc::ServerUnaryReactor* ModelReady(grpc::CallbackServerContext* context, const inference::ModelReadyRequest* request,
                                       inference::ModelReadyResponse* response) override {
    return guard_.Unary(*context, Role::kModelsRead,
                        [&] { return OpenInferenceService::ModelReady(context, request, response); });
  }
  grpc::ServerUnaryReactor* ServerMetadata(grpc::CallbackServerContext* context, const inference::ServerMetadataRequest* request,
                                           inference::ServerMetadataResponse* response) override {
    return guard_.Unary(*context, Role::kModelsRead,
                        [&] { return OpenInferenceService::ServerMetadata(context, request, response); });
  }
  grpc::ServerUnaryReactor* ModelMetadata(grpc::CallbackServerContext* context, const inference::ModelMetadataRequest* request,
                                          inference::ModelMetadataResponse* response) override {
    return guard_.Unary(*context, Role::kModelsRead,
                        [&] { return OpenInferenceService::ModelMetadata(context, request, response); });
  }
  grpc::ServerUnaryReactor* ModelInfer(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                       grpc::ByteBuffer* response) override {
    return guard_.Unary(*context, Role::kInference,
                        [&](ClientIdentity client) { return ModelInferFor(std::move(client), *context, *request, response); });
  }

 private:
  const AccessGuard& guard_;
};

class GuardedMetricsService final : public MetricsService {
 public:
  template <typename... Arguments>
  explicit GuardedMetricsService(const AccessGuard& guard, Arguments&&... arguments)
      : MetricsService(std::forward<Arguments>(arguments)...), guard_(guard) {}

  grpc::ServerUnaryReactor* Collect(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                    grpc::ByteBuffer* response) override {
    return guard_.Unary(*context, Role::kMetrics, [&] { return MetricsService::Collect(context, request, response); });
  }

 private:
  const AccessGuard& guard_;
};

}  // namespace verdict
