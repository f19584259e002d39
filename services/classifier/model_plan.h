#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/classifier/options.h"
#include "services/classifier/repository/model_location.h"
#include "services/classifier/routing/cascade_config.h"

namespace verdict {

// Which models the options ask for, as the file system is now.
struct ModelPlan {
  std::vector<ModelLocation> models;
  std::string default_model;  // empty: none, or the cascade
};

// Errors: kInvalidArgument, naming the option: options that exclude each other, a name given twice, a default or a cascade
// without a model. kNotFound: --models-dir holds no model.
absl::StatusOr<ModelPlan> PlanModels(const ServiceOptions& options, const std::optional<Cascade>& cascade);

// Whether requests that name no model get the cascade.
bool CascadeIsDefault(const ServiceOptions& options, const Cascade& cascade);

}  // namespace verdict
