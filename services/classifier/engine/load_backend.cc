#include "services/classifier/engine/load_backend.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/classifier/engine/native_backend.h"
#include "services/classifier/engine/torchscript_library.h"

namespace verdict {
namespace {

// A file for each name of a model directory and precision. Models that share a name replace each other's: docs/operations.md says
// to give them folders of their own.
std::filesystem::path PreparedFile(const ModelDirectory& directory, const EngineOptions& options, Precision precision) {
  if (options.prepared_weights.empty()) return {};
  std::error_code error;
  const auto folder = std::filesystem::weakly_canonical(directory.weights.parent_path(), error).filename();
  return options.prepared_weights / absl::StrCat(folder.string(), "-", PrecisionName(precision), ".prepared");
}

absl::Status NotAllowed(const ModelDirectory& directory) {
  return absl::InvalidArgumentError(absl::StrCat(
      directory.weights.string(),
      ": a TorchScript bundle is a program that runs with the rights of this service; --allow-torchscript lets it, where "
      "you trust whoever wrote it"));
}

absl::StatusOr<std::unique_ptr<Backend>> Build(const ModelDirectory& directory, const EngineOptions& options) {
  switch (directory.format) {
    case ModelDirectory::Format::kTorchScript:
      if (!options.allow_torchscript) return NotAllowed(directory);
      return LoadTorchScriptLibrary(directory, options.threads);
    case ModelDirectory::Format::kSafetensors:
    case ModelDirectory::Format::kShardedSafetensors:
      break;
  }
  auto weights = directory.format == ModelDirectory::Format::kSafetensors ? Weights::Open(directory.weights)
                                                                          : Weights::OpenSharded(directory.weights);
  if (!weights.ok()) return weights.status();
  const Kernels& kernels = BestKernels();
  const auto precision = ChoosePrecision(options.precision, kernels);
  if (!precision.ok()) return precision.status();
  return BuildNativeBackend(directory.config, *std::move(weights),
                            {.precision = *precision,
                             .kernels = &kernels,
                             .threads = options.threads,
                             .profile = options.profile,
                             .prepared_file = PreparedFile(directory, options, *precision)});
}

}  // namespace

bool Int8IsFastest() { return BestKernels().fast_int8; }

absl::StatusOr<std::string> PrecisionFor(const std::string& wish) {
  const auto precision = ChoosePrecision(wish == "int8" ? "auto" : wish, BestKernels());
  if (!precision.ok()) return precision.status();
  return PrecisionName(*precision);
}

absl::StatusOr<std::unique_ptr<Backend>> LoadBackend(const ModelDirectory& directory, const EngineOptions& options) {
  auto backend = Build(directory, options);
  if (!backend.ok()) return backend.status();
  // Two lengths: a graph that was traced with its example's shape baked in answers only one of them.
  const TokenSequence one{{0}, {0}};
  const TokenSequence three{{0, 0, 0}, {0, 0, 0}};
  const absl::StatusOr<Logits> trial = (*backend)->Forward({&one, &three});
  if (!trial.ok()) {
    return absl::Status(trial.status().code(),
                        absl::StrCat(directory.weights.string(), ": trial pass: ", trial.status().message()));
  }
  if (std::any_of(trial->values.begin(), trial->values.end(), [](float logit) { return !std::isfinite(logit); })) {
    return absl::InvalidArgumentError(
        absl::StrCat(directory.weights.string(),
                     ": trial pass: the model answers NaN or infinity; the weights are damaged, or were when they were saved"));
  }
  return backend;
}

}  // namespace verdict
