#pragma once

#include <functional>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "metrics/process_metrics.h"
#include "metrics/registry.h"
#include "services/classifier/api/classify_observer.h"
#include "services/classifier/api/model_info.h"
#include "services/classifier/api/queue_state.h"

namespace verdict {

// What a service counts, and its metrics. The label `model` has the names of at most 100 models that have been loaded or have
// answered, "other" beyond, and "unknown" where a caller asked for a model that there is not; a model that is unloaded takes its
// series with it. Thread-safe.
class ServiceMetrics final : public ClassifyObserver {
 public:
  // `reasons`: all that FinishedCall::reason may say.
  ServiceMetrics(std::vector<std::string> reasons, const ProcessName& process);
  ~ServiceMetrics() override;

  // Whose are the requests that name no model.
  void SetDefaultModel(std::string name);

  void OnCall(const FinishedCall& call) override;
  void OnBatch(const FinishedBatch& batch) override;
  void OnModel(const ModelChange& change) override;

  // What gauges are read from when somebody scrapes; they outlive this.
  struct State {
    std::function<std::vector<ModelInfo>()> models = {};
    std::function<std::vector<QueueState>()> queues = {};
    std::function<bool()> ready = {};
    std::function<bool()> stuck = {};
    std::function<uint64_t()> unread_answers = {};
    std::function<uint64_t()> refused_connections = {};
  };
  void ReadFrom(State state);

  MetricRegistry& registry() { return registry_; }

 private:
  struct Families;
  struct ModelSeries;
  using ModelSeriesPtr = std::shared_ptr<ModelSeries>;

  ModelSeriesPtr Find(std::string_view model);           // of a model that there is
  ModelSeriesPtr FindOrUnknown(std::string_view model);  // of one that somebody asked for
  ModelSeriesPtr MakeSeries(const std::string& model) const;
  void CountAnswer(ModelSeries& series, const ClassifyResponse& response);
  std::shared_ptr<Counter> LabelSeries(ModelSeries& series, const std::string& label);
  void Update(const State& state);
  void UpdateModels(const std::vector<ModelInfo>& models);
  void UpdateQueues(const std::vector<QueueState>& queues);
  void Forget(const std::string& model);  // needs mutex_

  const std::vector<std::string> reasons_;
  MetricRegistry registry_;
  const std::unique_ptr<Families> families_;
  std::shared_mutex mutex_;
  std::string default_model_;
  ModelSeriesPtr unknown_;
  absl::flat_hash_map<std::string, ModelSeriesPtr> models_;
};

}  // namespace verdict
