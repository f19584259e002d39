#pragma once

#include "services/classifier/api/model_admin.h"
#include "services/classifier/api/model_info.h"
#include "verdict/v1/models.grpc.pb.h"

namespace verdict {

// verdict.v1.Models over a ModelCatalog and a ModelAdmin. Thread-safe; both must outlive it.
class ModelsService : public v1::Models::CallbackService {
 public:
  ModelsService(const ModelCatalog& catalog, ModelAdmin& admin) : catalog_(catalog), admin_(admin) {}

  grpc::ServerUnaryReactor* ListModels(grpc::CallbackServerContext* context, const v1::ListModelsRequest* request,
                                       v1::ListModelsResponse* response) override;
  grpc::ServerUnaryReactor* GetModel(grpc::CallbackServerContext* context, const v1::GetModelRequest* request,
                                     v1::Model* response) override;
  grpc::ServerUnaryReactor* LoadModel(grpc::CallbackServerContext* context, const v1::LoadModelRequest* request,
                                      v1::Model* response) override;
  grpc::ServerUnaryReactor* UnloadModel(grpc::CallbackServerContext* context, const v1::UnloadModelRequest* request,
                                        v1::UnloadModelResponse* response) override;

 private:
  const ModelCatalog& catalog_;
  ModelAdmin& admin_;
};

}  // namespace verdict
