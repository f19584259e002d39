#include "services/classifier/repository/model_repository.h"

#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/utf8.h"

namespace verdict {

absl::Status ModelRepository::Add(std::unique_ptr<ModelClassifier> model) {
  const std::unique_lock lock(mutex_);
  const std::string name = model->info().name;
  if (models_.contains(name)) return absl::AlreadyExistsError(absl::StrCat("a model named \"", name, "\" is loaded already"));
  if (models_.empty()) default_ = name;
  models_.emplace(name, std::move(model));
  return absl::OkStatus();
}

absl::StatusOr<ModelClassifier*> ModelRepository::Find(const std::string& name, const std::string& version) const {
  const std::shared_lock lock(mutex_);
  if (models_.empty()) return absl::UnavailableError("no model is loaded yet");
  const auto found = models_.find(name.empty() ? default_ : name);
  if (found == models_.end()) return absl::NotFoundError(absl::StrCat("no model is named \"", Shortened(name), "\""));
  ModelClassifier* model = found->second.get();
  if (!version.empty() && version != model->info().version) {
    return absl::NotFoundError(absl::StrCat("model \"", found->first, "\" is loaded in version \"", model->info().version,
                                            "\", not \"", Shortened(version), "\""));
  }
  return model;
}

void ModelRepository::Classify(ClassifyRequest request, CallContext context, Done done) {
  const auto model = Find(request.model, request.model_version);
  if (!model.ok()) return done(model.status());
  (*model)->Classify(std::move(request), std::move(context), std::move(done));
}

ModelInfo ModelRepository::Describe(const ModelClassifier& model) const {
  ModelInfo info = model.info();
  info.is_default = info.name == default_;
  return info;
}

std::vector<ModelInfo> ModelRepository::List() const {
  const std::shared_lock lock(mutex_);
  std::vector<ModelInfo> all;
  for (const auto& [name, model] : models_) all.push_back(Describe(*model));
  return all;
}

absl::StatusOr<ModelInfo> ModelRepository::Get(const std::string& name, const std::string& version) const {
  const auto model = Find(name, version);
  if (!model.ok()) return model.status();
  const std::shared_lock lock(mutex_);
  return Describe(**model);
}

}  // namespace verdict
