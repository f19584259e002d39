#include "services/classifier/metrics/service_families.h"

namespace verdict {
namespace {

const std::vector<double> kSeconds = {0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05,
                                      0.075,  0.1,   0.15,  0.25,  0.5,   1,      2.5,  5,     10,   30,   60};
const std::vector<double> kLoadSeconds = {0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300};
const std::vector<double> kCounts = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};
const std::vector<double> kTokens = {8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192};
const std::vector<double> kScores = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 1};

constexpr auto kCounter = MetricType::kCounter;
constexpr auto kGauge = MetricType::kGauge;
constexpr auto kHistogram = MetricType::kHistogram;

using Labels = std::vector<std::string>;

MetricInfo Count(const std::string& name, const std::string& help, const Labels& labels) {
  return {.name = "verdict_service_" + name, .type = kCounter, .help = help, .labels = labels};
}
MetricInfo Level(const std::string& name, const std::string& help, const Labels& labels) {
  return {.name = "verdict_service_" + name, .type = kGauge, .help = help, .labels = labels};
}
MetricInfo Spread(const std::string& name, const std::string& help, const Labels& labels, const std::vector<double>& bounds) {
  return {.name = "verdict_service_" + name, .type = kHistogram, .help = help, .labels = labels, .bounds = bounds};
}

}  // namespace

ServiceMetrics::Families::Families(MetricRegistry& r)
    : calls(
          r.Add<Counter>(Count("calls_total", "Calls that ended, by RPC and gRPC status; a request of a stream counts as a call",
                               {"model", "method", "code"}))),
      rejections(
          r.Add<Counter>(Count("rejections_total", "Calls that were not answered, by the reason that ErrorInfo tells the caller",
                               {"model", "reason"}))),
      phases(r.Add<Histogram>(
          Spread("phase_duration_seconds",
                 "Time of answered calls in each phase: tokenize, queue, compute, and total, which is all of them",
                 {"model", "phase"}, kSeconds))),
      inputs_per_call(r.Add<Histogram>(Spread("call_inputs", "Texts of an answered call", {"model"}, kCounts))),
      inputs(r.Add<Counter>(Count("inputs_total", "Texts that were classified", {"model"}))),
      tokens(r.Add<Counter>(Count("tokens_total", "Tokens of those texts after truncation, special tokens included", {"model"}))),
      truncated_inputs(
          r.Add<Counter>(Count("truncated_inputs_total", "Texts that were longer than the model reads and were cut", {"model"}))),
      dropped_tokens(r.Add<Counter>(Count("dropped_tokens_total", "Tokens that were cut off", {"model"}))),
      predictions(r.Add<Counter>(Count("predictions_total",
                                       "Texts by their top label: the first 100 labels of the model, the rest as other",
                                       {"model", "label"}))),
      confidence(r.Add<Histogram>(Spread(
          "prediction_confidence", "Score of the top label, where it is a probability; raw logits beyond 0 and 1 are left out",
          {"model"}, kScores))),
      batches(r.Add<Counter>(
          Count("batches_total", "Forward passes, by whether they ran on all processors or on one", {"model", "processors"}))),
      failed_batches(r.Add<Counter>(
          Count("failed_batches_total", "Forward passes that failed; their texts ran again one by one", {"model"}))),
      batch_sequences(r.Add<Histogram>(Spread("batch_sequences", "Sequences of a forward pass", {"model"}, kCounts))),
      batch_tokens(r.Add<Histogram>(Spread("batch_tokens", "Tokens of a forward pass", {"model"}, kTokens))),
      batch_seconds(r.Add<Histogram>(Spread("batch_duration_seconds", "Time of a forward pass", {"model"}, kSeconds))),
      padding_saved(r.Add<Counter>(
          Count("padding_saved_tokens_total",
                "Tokens that padding every sequence to the longest of its batch would have computed in addition", {"model"}))),
      queued_sequences(r.Add<Gauge>(Level("queue_sequences", "Sequences that wait for a forward pass", {"model"}))),
      queued_tokens(r.Add<Gauge>(Level("queue_tokens", "Tokens of those sequences", {"model"}))),
      running_batches(r.Add<Gauge>(Level("running_batches", "Forward passes under way", {"model"}))),
      predicted_wait(
          r.Add<Gauge>(Level("predicted_wait_seconds", "What a request that came now is predicted to wait for", {"model"}))),
      model_info(r.Add<Gauge>(Level("model_info", "Always 1; what a loaded model is, as labels",
                                    {"model", "version", "architecture", "backend", "precision"}))),
      model_memory(
          r.Add<Gauge>(Level("model_memory_bytes", "Memory that a model was estimated to take when it was loaded", {"model"}))),
      loads(r.AddOne<Counter>(Count("model_loads_total", "Models that were loaded", {}))),
      failed_loads(r.AddOne<Counter>(Count("failed_model_loads_total", "Loads of models that failed, retries included", {}))),
      unloads(r.AddOne<Counter>(Count("model_unloads_total", "Models that were unloaded", {}))),
      load_seconds(
          r.AddOne<Histogram>(Spread("model_load_duration_seconds", "Time that a load took, failed or not", {}, kLoadSeconds))),
      models_loaded(r.AddOne<Gauge>(Level("models_loaded", "Models that are loaded, a cascade included", {}))),
      ready(r.AddOne<Gauge>(Level("ready", "1 while the service says SERVING, else 0", {}))),
      stuck(r.AddOne<Gauge>(Level("stuck", "1 while a forward pass does not end or a queue does not move, else 0", {}))),
      unread_answers(r.AddOne<Gauge>(Count("unread_answers_total",
                                           "Answers over gRPC that were given up, their calls ending CANCELLED, because what "
                                           "callers did not read took more than --max-queued-bytes",
                                           {}))),
      refused_connections(r.AddOne<Gauge>(Count("refused_connections_total",
                                                "Connections over gRPC that were closed at once because nearly all descriptors "
                                                "are in use",
                                                {}))) {}

void ServiceMetrics::Families::Remove(const std::string& model) {
  for (auto* family : {&calls, &rejections, &inputs, &tokens, &truncated_inputs, &dropped_tokens, &predictions, &batches,
                       &failed_batches, &padding_saved})
    family->RemoveFirst(model);
  for (auto* family : {&phases, &inputs_per_call, &confidence, &batch_sequences, &batch_tokens, &batch_seconds})
    family->RemoveFirst(model);
  for (auto* family : {&queued_sequences, &queued_tokens, &running_batches, &predicted_wait, &model_info, &model_memory})
    family->RemoveFirst(model);
}

}  // namespace verdict
