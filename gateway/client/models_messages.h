#pragma once

#include <vector>

#include "gateway/client/models_query.h"
#include "verdict/v1/models.pb.h"

namespace verdict {

// Between the gateway's values and the messages of verdict.v1.Models.
v1::GetModelRequest ToGetModel(const ModelsQuery& query);
v1::LoadModelRequest ToLoadModel(const ModelsQuery& query);
v1::UnloadModelRequest ToUnloadModel(const ModelsQuery& query);
ModelDescription FromMessage(v1::Model& model);
std::vector<ModelDescription> FromMessage(v1::ListModelsResponse& response);

}  // namespace verdict
