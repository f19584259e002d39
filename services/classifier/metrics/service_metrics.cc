#include "services/classifier/metrics/service_metrics.h"

#include <algorithm>
#include <mutex>
#include <set>
#include <utility>

#include "metrics/call_codes.h"
#include "services/classifier/api/response_totals.h"
#include "services/classifier/metrics/service_families.h"

namespace verdict {
namespace {

constexpr size_t kMostModels = 100;
constexpr size_t kMostLabels = 100;
constexpr char kOther[] = "other";
constexpr char kUnknown[] = "unknown";

double Seconds(absl::Duration duration) { return absl::ToDoubleSeconds(duration); }

// abseil's maps look up by this one without a copy.
absl::string_view Key(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

ServiceMetrics::ServiceMetrics(std::vector<std::string> reasons, const ProcessName& process)
    : reasons_(std::move(reasons)), families_(std::make_unique<Families>(registry_)) {
  AddProcessMetrics(registry_, process);
  unknown_ = MakeSeries(kUnknown);
}

ServiceMetrics::~ServiceMetrics() = default;

ServiceMetrics::ModelSeriesPtr ServiceMetrics::MakeSeries(const std::string& model) const {
  Families& f = *families_;
  auto series = std::make_shared<ModelSeries>();
  series->name = model;
  for (const CallMethod method : {CallMethod::kClassify, CallMethod::kStreamClassify, CallMethod::kModelInfer}) {
    for (const absl::StatusCode code : kCallCodes) {
      series->calls[{method, code}] = f.calls.With({model, std::string(NameOf(method)), absl::StatusCodeToString(code)});
    }
  }
  for (const std::string& reason : reasons_) series->rejections[reason] = f.rejections.With({model, reason});
  series->tokenize = f.phases.With({model, "tokenize"});
  series->queue = f.phases.With({model, "queue"});
  series->compute = f.phases.With({model, "compute"});
  series->total = f.phases.With({model, "total"});
  series->inputs_per_call = f.inputs_per_call.With({model});
  series->inputs = f.inputs.With({model});
  series->tokens = f.tokens.With({model});
  series->truncated_inputs = f.truncated_inputs.With({model});
  series->dropped_tokens = f.dropped_tokens.With({model});
  series->confidence = f.confidence.With({model});
  series->wide_batches = f.batches.With({model, "all"});
  series->narrow_batches = f.batches.With({model, "one"});
  series->failed_batches = f.failed_batches.With({model});
  series->padding_saved = f.padding_saved.With({model});
  series->batch_sequences = f.batch_sequences.With({model});
  series->batch_tokens = f.batch_tokens.With({model});
  series->batch_seconds = f.batch_seconds.With({model});
  return series;
}

ServiceMetrics::ModelSeriesPtr ServiceMetrics::Find(std::string_view model) {
  {
    const std::shared_lock lock(mutex_);
    if (const auto found = models_.find(Key(model)); found != models_.end()) return found->second;
  }
  const std::string name(model);
  const std::unique_lock lock(mutex_);
  const std::string& counted = models_.size() >= kMostModels ? std::string(kOther) : name;
  ModelSeriesPtr& series = models_[counted];
  if (!series) series = MakeSeries(counted);
  return series;
}

ServiceMetrics::ModelSeriesPtr ServiceMetrics::FindOrUnknown(std::string_view model) {
  const std::shared_lock lock(mutex_);
  const auto found = models_.find(Key(model.empty() ? default_model_ : model));
  return found != models_.end() ? found->second : unknown_;
}

void ServiceMetrics::SetDefaultModel(std::string name) {
  Find(name);
  const std::unique_lock lock(mutex_);
  default_model_ = std::move(name);
}

void ServiceMetrics::OnCall(const FinishedCall& call) {
  const ModelSeriesPtr series = call.response != nullptr ? Find(call.model) : FindOrUnknown(call.model);
  series->calls.at({call.method, CountedCode(call.status.code())})->Add();
  if (call.response != nullptr) return CountAnswer(*series, *call.response);
  if (const auto reason = series->rejections.find(call.reason); reason != series->rejections.end()) reason->second->Add();
}

void ServiceMetrics::CountAnswer(ModelSeries& series, const ClassifyResponse& response) {
  series.tokenize->Observe(Seconds(response.times.tokenize));
  series.queue->Observe(Seconds(response.times.queue));
  series.compute->Observe(Seconds(response.times.compute));
  series.total->Observe(Seconds(response.times.total));
  series.inputs_per_call->Observe(static_cast<double>(response.results.size()));
  series.inputs->Add(response.results.size());
  const ResponseTotals totals = TotalsOf(response);
  series.tokens->Add(static_cast<uint64_t>(totals.tokens));
  series.dropped_tokens->Add(static_cast<uint64_t>(totals.tokens_dropped));
  series.truncated_inputs->Add(static_cast<uint64_t>(totals.truncated_inputs));
  for (const Classification& result : response.results) {
    if (result.labels.empty()) continue;
    const LabelScore& top = result.labels.front();
    LabelSeries(series, top.label)->Add();
    if (top.score >= 0 && top.score <= 1) series.confidence->Observe(top.score);
  }
}

std::shared_ptr<Counter> ServiceMetrics::LabelSeries(ModelSeries& series, const std::string& label) {
  {
    const std::shared_lock lock(series.labels_mutex);
    if (const auto found = series.labels.find(label); found != series.labels.end()) return found->second;
  }
  const std::unique_lock lock(series.labels_mutex);
  const std::string counted = series.labels.size() < kMostLabels ? label : kOther;
  auto& counter = series.labels[counted];
  if (!counter) counter = families_->predictions.With({series.name, counted});
  return counter;
}

void ServiceMetrics::OnBatch(const FinishedBatch& batch) {
  const ModelSeriesPtr series = Find(batch.model);
  (batch.wide ? series->wide_batches : series->narrow_batches)->Add();
  if (!batch.ok) series->failed_batches->Add();
  series->batch_sequences->Observe(batch.sequences);
  series->batch_tokens->Observe(static_cast<double>(batch.tokens));
  series->batch_seconds->Observe(Seconds(batch.end - batch.start));
  series->padding_saved->Add(static_cast<uint64_t>(batch.sequences * batch.longest - batch.tokens));
}

void ServiceMetrics::OnModel(const ModelChange& change) {
  const std::string model(change.model);
  if (change.kind == ModelChange::Kind::kUnloaded) {
    families_->unloads->Add();
    const std::unique_lock lock(mutex_);
    return Forget(model);
  }
  families_->load_seconds->Observe(Seconds(change.took));
  if (change.kind == ModelChange::Kind::kNotLoaded) return families_->failed_loads->Add();
  families_->loads->Add();
  const ModelSeriesPtr series = Find(model);
  if (change.labels == nullptr) return;
  const size_t labels = std::min(change.labels->size(), kMostLabels);
  for (size_t i = 0; i < labels; ++i) LabelSeries(*series, (*change.labels)[i]);
}

void ServiceMetrics::Forget(const std::string& model) {
  if (models_.erase(model) > 0) families_->Remove(model);
}

void ServiceMetrics::ReadFrom(State state) {
  registry_.OnWrite([this, state = std::move(state)] { Update(state); });
}

void ServiceMetrics::Update(const State& state) {
  if (state.ready) families_->ready->Set(state.ready() ? 1 : 0);
  if (state.stuck) families_->stuck->Set(state.stuck() ? 1 : 0);
  if (state.unread_answers) families_->unread_answers->Set(static_cast<double>(state.unread_answers()));
  if (state.refused_connections) families_->refused_connections->Set(static_cast<double>(state.refused_connections()));
  if (state.models) UpdateModels(state.models());
  if (state.queues) UpdateQueues(state.queues());
}

void ServiceMetrics::UpdateModels(const std::vector<ModelInfo>& models) {
  families_->model_info.Clear();
  families_->model_memory.Clear();
  families_->models_loaded->Set(static_cast<double>(models.size()));
  std::set<std::string_view> names = {kOther};
  for (const ModelInfo& model : models) {
    names.insert(model.name);
    if (names.size() > kMostModels) continue;
    families_->model_info.With({model.name, model.version, model.architecture, model.backend, model.precision})->Set(1);
    families_->model_memory.With({model.name})->Set(static_cast<double>(model.memory_bytes));
  }
  // An answer that came after its model was unloaded has made the series again.
  const std::unique_lock lock(mutex_);
  std::vector<std::string> gone;
  for (const auto& [name, series] : models_) {
    if (!names.contains(name)) gone.push_back(name);
  }
  for (const std::string& name : gone) Forget(name);
}

void ServiceMetrics::UpdateQueues(const std::vector<QueueState>& queues) {
  for (auto* family :
       {&families_->queued_sequences, &families_->queued_tokens, &families_->running_batches, &families_->predicted_wait})
    family->Clear();
  for (size_t i = 0; i < std::min(queues.size(), kMostModels); ++i) {
    const QueueState& queue = queues[i];
    families_->queued_sequences.With({queue.model})->Set(static_cast<double>(queue.sequences));
    families_->queued_tokens.With({queue.model})->Set(static_cast<double>(queue.tokens));
    families_->running_batches.With({queue.model})->Set(queue.running);
    families_->predicted_wait.With({queue.model})->Set(Seconds(queue.predicted_wait));
  }
}

}  // namespace verdict
