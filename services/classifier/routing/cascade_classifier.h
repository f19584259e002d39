#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "services/classifier/api/classifier.h"
#include "services/classifier/api/model_info.h"
#include "services/classifier/routing/cascade_config.h"

namespace verdict {

// The labels of a cascade: each once, in the order of its models, the fallback last. Its place is its label_id in answers.
class CascadeLabels {
 public:
  // Keeps the first place of each.
  int Add(const std::string& label);
  const std::vector<std::string>& labels() const { return labels_; }

 private:
  std::vector<std::string> labels_;
  std::unordered_map<std::string, int> ids_;
};

// Adds a cascade to the models behind it, under a name of its own; requests for other names are handed on as they are. Each step
// classifies in one call what those before it passed on. Deadline, cancellation and options go to every step, the first error of
// a step is the answer, and the times of the steps add up. A step whose model is not loaded passes everything on, unless it is
// awaited; the cascade is there as long as one of its models is. Thread-safe; both references outlive it.
class CascadeClassifier final : public Classifier, public ModelCatalog {
 public:
  struct Models {
    Classifier& classifier;
    const ModelCatalog& catalog;  // of the same models
    // Where a step after the first begins. It is answered on the lane that computed the one before, where other answers of the
    // same batch wait for their turn, and a step tokenises. Empty: there nevertheless.
    std::function<void(absl::AnyInvocable<void()>)> later = {};
  };

  // `is_default`: requests that name no model get the cascade.
  CascadeClassifier(Cascade cascade, bool is_default, Models models);

  // Errors beyond those of the models: kNotFound when no model of the cascade is loaded, or the version is another; kUnavailable
  // when they are awaited, or a text comes to a step whose model is; kInvalidArgument for raw logits where a step compares
  // scores.
  void Classify(ClassifyRequest request, CallContext context, Done done) override;

  // With the cascade, as a model whose labels are those of its models and the fallback.
  std::vector<ModelInfo> List() const override;
  absl::StatusOr<ModelInfo> Get(const std::string& name, const std::string& version) const override;

 private:
  class Run;

  bool IsMeant(const std::string& model) const { return model == cascade_.name || (model.empty() && is_default_); }
  // That of the first step's model, or "1" while that is not loaded. Errors as for Classify.
  absl::StatusOr<std::string> Version(const std::string& wanted) const;
  absl::StatusOr<ModelInfo> Describe(const std::string& version) const;
  absl::Status Check(const ClassifyRequest& request) const;
  CascadeLabels Labels() const;

  const Cascade cascade_;
  const bool is_default_;
  const Models models_;
};

}  // namespace verdict
