#include "gateway/client/models_messages.h"

#include <utility>

namespace verdict {

v1::GetModelRequest ToGetModel(const ModelsQuery& query) {
  v1::GetModelRequest request;
  request.set_name(query.name);
  request.set_version(query.version);
  return request;
}

v1::LoadModelRequest ToLoadModel(const ModelsQuery& query) {
  v1::LoadModelRequest request;
  request.set_name(query.name);
  request.set_path(query.path);
  return request;
}

v1::UnloadModelRequest ToUnloadModel(const ModelsQuery& query) {
  v1::UnloadModelRequest request;
  request.set_name(query.name);
  return request;
}

ModelDescription FromMessage(v1::Model& model) {
  ModelDescription description;
  description.name = std::move(*model.mutable_name());
  description.version = std::move(*model.mutable_version());
  description.is_default = model.is_default();
  description.architecture = std::move(*model.mutable_architecture());
  description.backend = std::move(*model.mutable_backend());
  for (std::string& label : *model.mutable_labels()) description.labels.push_back(std::move(label));
  description.max_tokens = static_cast<int>(model.max_tokens());
  description.default_function_to_apply = std::move(*model.mutable_default_function_to_apply());
  description.precision = std::move(*model.mutable_precision());
  description.parameters = static_cast<int64_t>(model.parameters());
  description.loaded_at = absl::FromUnixSeconds(model.loaded_at().seconds()) + absl::Nanoseconds(model.loaded_at().nanos());
  description.path = std::move(*model.mutable_path());
  description.memory_bytes = static_cast<int64_t>(model.memory_bytes());
  return description;
}

std::vector<ModelDescription> FromMessage(v1::ListModelsResponse& response) {
  std::vector<ModelDescription> models;
  models.reserve(static_cast<size_t>(response.models_size()));
  for (v1::Model& model : *response.mutable_models()) models.push_back(FromMessage(model));
  return models;
}

}  // namespace verdict
