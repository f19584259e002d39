#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/classifier/metrics/service_metrics.h"

namespace verdict {

// All metrics of a service but those that every process has.
struct ServiceMetrics::Families {
  explicit Families(MetricRegistry& registry);

  // Takes the series of a model away.
  void Remove(const std::string& model);

  // By model:
  MetricFamily<Counter>& calls;
  MetricFamily<Counter>& rejections;
  MetricFamily<Histogram>& phases;
  MetricFamily<Histogram>& inputs_per_call;
  MetricFamily<Counter>& inputs;
  MetricFamily<Counter>& tokens;
  MetricFamily<Counter>& truncated_inputs;
  MetricFamily<Counter>& dropped_tokens;
  MetricFamily<Counter>& predictions;
  MetricFamily<Histogram>& confidence;
  MetricFamily<Counter>& batches;
  MetricFamily<Counter>& failed_batches;
  MetricFamily<Histogram>& batch_sequences;
  MetricFamily<Histogram>& batch_tokens;
  MetricFamily<Histogram>& batch_seconds;
  MetricFamily<Counter>& padding_saved;
  MetricFamily<Gauge>& queued_sequences;
  MetricFamily<Gauge>& queued_tokens;
  MetricFamily<Gauge>& running_batches;
  MetricFamily<Gauge>& predicted_wait;
  MetricFamily<Gauge>& model_info;
  MetricFamily<Gauge>& model_memory;
  // Of the process:
  std::shared_ptr<Counter> loads;
  std::shared_ptr<Counter> failed_loads;
  std::shared_ptr<Counter> unloads;
  std::shared_ptr<Histogram> load_seconds;
  std::shared_ptr<Gauge> models_loaded;
  std::shared_ptr<Gauge> ready;
  std::shared_ptr<Gauge> stuck;
  std::shared_ptr<Gauge> unread_answers;
  std::shared_ptr<Gauge> refused_connections;
};

// The series of one model, kept so that counting takes no look-up. All are there from the beginning, at zero.
struct ServiceMetrics::ModelSeries {
  using Series = std::shared_ptr<Counter>;

  std::string name;
  std::map<std::pair<CallMethod, absl::StatusCode>, Series> calls;
  std::map<std::string, Series, std::less<>> rejections;
  std::shared_ptr<Histogram> tokenize, queue, compute, total;
  std::shared_ptr<Histogram> inputs_per_call;
  Series inputs, tokens, truncated_inputs, dropped_tokens;
  std::shared_ptr<Histogram> confidence;
  Series wide_batches, narrow_batches, failed_batches, padding_saved;
  std::shared_ptr<Histogram> batch_sequences, batch_tokens, batch_seconds;

  // By label; the first so many that come, the rest are "other".
  std::shared_mutex labels_mutex;
  absl::flat_hash_map<std::string, Series> labels;
};

}  // namespace verdict
