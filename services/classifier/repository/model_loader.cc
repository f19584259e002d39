#include "services/classifier/repository/model_loader.h"

#include <malloc.h>

#include <memory>
#include <new>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/logging.h"
#include "common/steady_clock.h"
#include "services/classifier/repository/load_checked_model.h"
#include "services/classifier/repository/verify_golden.h"

namespace verdict {
namespace {

constexpr size_t kMostTasks = 32;  // a caller that asks for more at one time is no platform

// A directory that is there and cannot be served is the caller's mistake, whatever is wrong with it. Its file is not a field of
// the request; the path that leads there is.
absl::Status AsAnswer(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kFailedPrecondition:
      return absl::InvalidArgumentError(absl::StrCat("path: ", status.message()));
    default:
      return status;
  }
}

absl::Status NotAllowed(const char* what) {
  return absl::PermissionDeniedError(absl::StrCat("this server does not ", what, " models on request (--multi-model)"));
}

absl::Status Busy() {
  return absl::UnavailableError("too many models are being loaded and unloaded, or the server is stopping; try again later");
}

}  // namespace

ModelLoader::ModelLoader(Parts parts, Options options) : parts_(parts), options_(std::move(options)), tasks_(kMostTasks) {}

ModelLoader::~ModelLoader() = default;

absl::Status ModelLoader::LoadNow(const ModelLocation& location) {
  auto reservation = parts_.repository.Reserve(location.name);
  if (!reservation.ok()) return reservation.status();
  const absl::Time began = SteadyNow();
  auto info = LoadReserved(location, *std::move(reservation), Fit::kShould);
  Observe(location.name, began, info);
  return info.status();
}

void ModelLoader::Observe(const std::string& name, absl::Time began, const absl::StatusOr<ModelInfo>& loaded) const {
  if (options_.observer == nullptr) return;
  ModelChange change{.model = name, .took = SteadyNow() - began, .status = loaded.status()};
  change.kind = loaded.ok() ? ModelChange::Kind::kLoaded : ModelChange::Kind::kNotLoaded;
  if (loaded.ok()) {
    change.model_version = loaded->version;
    change.labels = &loaded->labels;
  }
  options_.observer->OnModel(change);
}

absl::StatusOr<MemoryBudget::Promise> ModelLoader::SetAside(const ModelLocation& location, const MemoryEstimate& estimate,
                                                            Fit fit) {
  int64_t bytes = estimate.most();
  {
    const std::lock_guard lock(mutex_);
    if (!runtime_) bytes += estimate.runtime;
  }
  auto promise = parts_.budget.Reserve(location.name, bytes);
  if (promise.ok() || fit == Fit::kMust) return promise;
  LogWarning("memory may become short", {{"model", location.name}, {"reason", promise.status().message()}});
  return parts_.budget.Note(bytes);
}

void ModelLoader::Keep(const std::string& name, const MemoryEstimate& estimate, MemoryBudget::Promise promise) {
  promise.ShrinkTo(estimate.kept());
  const std::lock_guard lock(mutex_);
  if (estimate.runtime > 0 && !runtime_) runtime_ = parts_.budget.Note(estimate.runtime);
  promises_.insert_or_assign(name, std::move(promise));
}

absl::StatusOr<ModelClassifier::Parts> ModelLoader::Build(const ModelLocation& location, Fit fit) {
  EngineOptions engine = options_.engine;
  if (fit == Fit::kMust) engine.prepared_weights.clear();  // models without number would fill the disk
  auto built = LoadCheckedModel(location.name, location.directory, engine, options_.verify_at_load);
  if (!built.ok() || options_.verify_at_load.empty()) return built;
  if (absl::Status status = RequireGoldenAnswers(*built, options_.verify_at_load); !status.ok()) return status;
  return built;
}

absl::StatusOr<ModelInfo> ModelLoader::LoadReserved(const ModelLocation& location, ModelRepository::Reservation reservation,
                                                    Fit fit) try {
  const auto directory = ModelDirectory::Read(location.directory);
  if (!directory.ok()) return directory.status();
  const auto estimate = EstimateMemory(*directory, {.precision = options_.engine.precision,
                                                    .threads = options_.engine.threads,
                                                    .max_batch_tokens = options_.max_batch_tokens});
  if (!estimate.ok()) return estimate.status();
  auto promise = SetAside(location, *estimate, fit);
  if (!promise.ok()) return promise.status();
  auto built = Build(location, fit);
  if (!built.ok()) return built.status();
  built->max_windows = options_.max_windows;
  built->info.path = location.directory.string();
  built->info.memory_bytes = estimate->kept();
  built->watch = parts_.watch;
  if (parts_.watch != nullptr) built->backend = parts_.watch->Watch(location.name, std::move(built->backend));
  ModelInfo info = built->info;
  auto model = std::make_unique<ModelClassifier>(*std::move(built), parts_.admission,
                                                 BatchScheduler::Options{.max_batch_tokens = options_.max_batch_tokens,
                                                                         .max_queue_wait = options_.max_queue_wait,
                                                                         .observer = options_.observer,
                                                                         .model = info.name,
                                                                         .model_version = info.version});
  malloc_trim(0);  // what reading the files took
  Keep(location.name, *estimate, *std::move(promise));
  parts_.repository.Add(std::move(reservation), std::move(model));
  return info;
} catch (const std::bad_alloc&) {
  malloc_trim(0);
  return absl::ResourceExhaustedError(absl::StrCat("memory ran out while model \"", location.name, "\" was being loaded"));
} catch (const std::system_error& error) {  // from std::thread
  return absl::ResourceExhaustedError(
      absl::StrCat("model \"", location.name, "\" needs more threads than this process may have: ", error.what()));
}

absl::StatusOr<ModelInfo> ModelLoader::LoadBelowRoot(const std::string& name, const std::string& path,
                                                     ModelRepository::Reservation reservation) {
  const auto directory = ResolveBelow(options_.models_root, path);
  if (!directory.ok()) return directory.status();
  const absl::Time began = SteadyNow();
  auto info = LoadReserved({name, *directory}, std::move(reservation), Fit::kMust);
  Observe(name, began, info);
  if (info.ok()) {
    LogInfo("loaded", {{"model", name}, {"path", info->path}, {"version", info->version}, {"memory_bytes", info->memory_bytes}});
    return info;
  }
  malloc_trim(0);
  LogWarning("not loaded", {{"model", name}, {"path", path}, {"error", info.status().message()}});
  return AsAnswer(info.status());
}

void ModelLoader::Load(const std::string& name, const std::string& path, Loaded done) {
  if (!options_.on_request) return done(NotAllowed("load"));
  if (absl::Status status = CheckModelName(name); !status.ok()) return done(status);
  auto reservation = parts_.repository.ReserveOnRequest(name);
  if (!reservation.ok()) return done(reservation.status());
  auto shared = std::make_shared<Loaded>(std::move(done));
  absl::AnyInvocable<void()> task = [this, name, path, shared, held = *std::move(reservation)]() mutable {
    auto info = LoadBelowRoot(name, path, std::move(held));
    (*shared)(std::move(info));
  };
  if (!tasks_.Start(task)) (*shared)(Busy());
}

void ModelLoader::Unload(const std::string& name, Unloaded done) {
  if (!options_.on_request) return done(NotAllowed("unload"));
  auto shared = std::make_shared<Unloaded>(std::move(done));
  absl::AnyInvocable<void()> task = [this, name, shared] {
    absl::Status status = parts_.repository.Remove(name, [this, &name] {
      const std::lock_guard lock(mutex_);
      promises_.erase(name);
    });
    if (status.ok()) LogInfo("unloaded", {{"model", name}});
    if (status.ok() && options_.observer != nullptr)
      options_.observer->OnModel({.kind = ModelChange::Kind::kUnloaded, .model = name});
    (*shared)(std::move(status));
  };
  if (!tasks_.Start(task)) (*shared)(Busy());
}

}  // namespace verdict
