#include "services/classifier/model_plan.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"

namespace verdict {
namespace {

absl::StatusOr<std::vector<ModelLocation>> Locate(const ServiceOptions& options) {
  if (options.models.empty() && options.models_dir.empty()) {
    if (options.multi_model) return std::vector<ModelLocation>();
    return std::vector<ModelLocation>{{options.model_name, options.model_dir}};
  }
  auto models = ParseModels(options.models);
  if (!models.ok() || options.models_dir.empty()) return models;
  auto found = FindModels(options.models_dir);
  if (!found.ok()) return absl::Status(found.status().code(), absl::StrCat("--models-dir: ", found.status().message()));
  models->insert(models->end(), found->begin(), found->end());
  return models;
}

absl::Status CheckNames(const std::vector<ModelLocation>& models, const std::optional<Cascade>& cascade) {
  std::set<std::string> names;
  for (const ModelLocation& model : models) {
    if (!names.insert(model.name).second)
      return absl::InvalidArgumentError(absl::StrCat("--models, --models-dir: two models are named \"", model.name, "\""));
    if (cascade && cascade->name == model.name)
      return absl::InvalidArgumentError(absl::StrCat("--cascade: name: \"", model.name, "\" is the name of a model"));
  }
  return absl::OkStatus();
}

// A step without a model is what a fallback is for; a cascade without any is a typing mistake.
absl::Status CheckCascade(const std::vector<ModelLocation>& models, const Cascade& cascade) {
  const auto is_there = [&models](const Cascade::Step& step) {
    return std::any_of(models.begin(), models.end(), [&step](const ModelLocation& model) { return model.name == step.model; });
  };
  if (std::none_of(cascade.steps.begin(), cascade.steps.end(), is_there))
    return absl::InvalidArgumentError(absl::StrCat("--cascade: \"", cascade.name, "\": none of its models is served here"));
  return absl::OkStatus();
}

}  // namespace

bool CascadeIsDefault(const ServiceOptions& options, const Cascade& cascade) {
  return options.default_model.empty() || options.default_model == cascade.name;
}

absl::StatusOr<ModelPlan> PlanModels(const ServiceOptions& options, const std::optional<Cascade>& cascade) {
  const bool several = !options.models.empty() || !options.models_dir.empty() || options.multi_model;
  if (several && !options.verify_at_load.empty())
    return absl::InvalidArgumentError("--verify-at-load: goes with the one model of --model-dir, not with several");
  auto models = Locate(options);
  if (!models.ok()) return models.status();
  if (absl::Status names = CheckNames(*models, cascade); !names.ok()) return names;
  if (cascade && !options.multi_model) {
    if (absl::Status steps = CheckCascade(*models, *cascade); !steps.ok()) return steps;
  }
  ModelPlan plan{.models = *std::move(models), .default_model = options.default_model};
  if (cascade && CascadeIsDefault(options, *cascade)) {
    plan.default_model.clear();
  } else if (plan.default_model.empty() && !plan.models.empty()) {
    plan.default_model = plan.models.front().name;
  }
  const auto is_default = [&plan](const ModelLocation& model) { return model.name == plan.default_model; };
  if (plan.default_model.empty() || options.multi_model || std::any_of(plan.models.begin(), plan.models.end(), is_default))
    return plan;
  return absl::InvalidArgumentError(absl::StrCat("--default-model: no model is named \"", plan.default_model, "\""));
}

}  // namespace verdict
