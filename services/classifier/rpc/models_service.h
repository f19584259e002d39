#pragma once

#include "services/classifier/api/model_info.h"
#include "verdict/v1/models.grpc.pb.h"

namespace verdict {

// verdict.v1.Models over a ModelCatalog. Thread-safe; `catalog` must outlive it.
class ModelsService final : public v1::Models::CallbackService {
 public:
  explicit ModelsService(const ModelCatalog& catalog) : catalog_(catalog) {}

  grpc::ServerUnaryReactor* ListModels(grpc::CallbackServerContext* context, const v1::ListModelsRequest* request,
                                       v1::ListModelsResponse* response) override;
  grpc::ServerUnaryReactor* GetModel(grpc::CallbackServerContext* context, const v1::GetModelRequest* request,
                                     v1::Model* response) override;

 private:
  const ModelCatalog& catalog_;
};

}  // namespace verdict
