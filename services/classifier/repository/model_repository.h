#pragma once

#include <map>
#include <memory>
#include <shared_mutex>
#include <string>

#include "services/classifier/api/classifier.h"
#include "services/classifier/api/model_info.h"
#include "services/classifier/repository/model_classifier.h"

namespace verdict {

// The loaded models by name: finds the model that a request names and hands the request on. The first model added is the default.
// Thread-safe; models stay until the repository goes.
class ModelRepository final : public Classifier, public ModelCatalog {
 public:
  // Error: kAlreadyExists when there is a model of that name.
  absl::Status Add(std::unique_ptr<ModelClassifier> model);

  // Errors beyond the model's own: kNotFound, and kUnavailable while nothing is loaded.
  void Classify(ClassifyRequest request, CallContext context, Done done) override;

  std::vector<ModelInfo> List() const override;
  absl::StatusOr<ModelInfo> Get(const std::string& name, const std::string& version) const override;

 private:
  absl::StatusOr<ModelClassifier*> Find(const std::string& name, const std::string& version) const;
  ModelInfo Describe(const ModelClassifier& model) const;

  mutable std::shared_mutex mutex_;
  std::string default_;
  std::map<std::string, std::unique_ptr<ModelClassifier>> models_;
};

}  // namespace verdict
