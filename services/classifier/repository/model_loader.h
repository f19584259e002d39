#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "services/classifier/api/classify_observer.h"
#include "services/classifier/api/model_admin.h"
#include "services/classifier/batching/admission.h"
#include "services/classifier/batching/forward_watch.h"
#include "services/classifier/engine/load_backend.h"
#include "services/classifier/repository/background_tasks.h"
#include "services/classifier/repository/memory_budget.h"
#include "services/classifier/repository/memory_estimate.h"
#include "services/classifier/repository/model_location.h"
#include "services/classifier/repository/model_repository.h"

namespace verdict {

// Fills and empties a repository: the models of the start on the caller's thread, those that are asked for later on threads of
// their own. Thread-safe; everything it is given outlives it.
class ModelLoader final : public ModelAdmin {
 public:
  struct Options {
    EngineOptions engine;
    std::string verify_at_load;  // golden answers that every model must give; empty: none
    int max_batch_tokens = 1024;
    int max_windows = 256;
    absl::Duration max_queue_wait = absl::InfiniteDuration();  // BatchScheduler::Options says of what
    bool on_request = false;                                   // Load and Unload are allowed
    std::filesystem::path models_root;                         // that Load loads from
    ClassifyObserver* observer = nullptr;                      // who is told of loads, unloads and batches; null: nobody
  };
  struct Parts {
    ModelRepository& repository;
    Admission& admission;
    MemoryBudget& budget;
    ForwardWatch* watch = nullptr;  // of the models' passes; may be absent
  };

  ModelLoader(Parts parts, Options options);
  // Waits for loads under way.
  ~ModelLoader() override;

  // Loads a model of the start, here and now; one that seems too large for the memory is only warned of. Errors: those of
  // LoadModel and RequireGoldenAnswers; kAlreadyExists.
  absl::Status LoadNow(const ModelLocation& location);

  // Whether a model is being loaded or unloaded on request.
  bool busy() { return tasks_.running(); }

  // Refuses further loads.
  void Close() { tasks_.Close(); }

  void Load(const std::string& name, const std::string& path, Loaded done) override;
  void Unload(const std::string& name, Unloaded done) override;

 private:
  enum class Fit { kMust, kShould };
  absl::StatusOr<ModelInfo> LoadReserved(const ModelLocation& location, ModelRepository::Reservation reservation, Fit fit);
  void Observe(const std::string& name, absl::Time began, const absl::StatusOr<ModelInfo>& loaded) const;
  absl::StatusOr<ModelClassifier::Parts> Build(const ModelLocation& location, Fit fit);
  absl::StatusOr<MemoryBudget::Promise> SetAside(const ModelLocation& location, const MemoryEstimate& estimate, Fit fit);
  void Keep(const std::string& name, const MemoryEstimate& estimate, MemoryBudget::Promise promise);
  absl::StatusOr<ModelInfo> LoadBelowRoot(const std::string& name, const std::string& path,
                                          ModelRepository::Reservation reservation);

  const Parts parts_;
  const Options options_;
  std::mutex mutex_;
  std::map<std::string, MemoryBudget::Promise> promises_;  // of the models that are loaded
  std::optional<MemoryBudget::Promise> runtime_;           // of LibTorch, once a model has needed it; it is never unloaded
  BackgroundTasks tasks_;                                  // last: its threads use the rest
};

}  // namespace verdict
