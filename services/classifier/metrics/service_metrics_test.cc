#include "services/classifier/metrics/service_metrics.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

using testing::HasSubstr;
using testing::Not;

class ServiceMetricsTest : public testing::Test {
 protected:
  void Load(const std::string& model) { metrics_.OnModel({.kind = ModelChange::Kind::kLoaded, .model = model}); }
  static ClassifyResponse Response(const std::string& model, const std::string& label = "refund", float score = 0.75F) {
    ClassifyResponse response;
    response.model = model;
    Classification& result = response.results.emplace_back();
    result.labels.push_back({label, score, 0});
    result.tokens = 7;
    response.times = {absl::Milliseconds(9), absl::Milliseconds(1), absl::Milliseconds(3), absl::Milliseconds(5)};
    return response;
  }
  void Answer(const ClassifyResponse& response) { metrics_.OnCall({.model = response.model, .response = &response}); }
  void Refuse(const std::string& model, absl::Status status, const std::string& reason) {
    metrics_.OnCall({.model = model, .status = std::move(status), .reason = reason});
  }
  std::string Text() { return metrics_.registry().Write(MetricFormat::kText); }

  ServiceMetrics metrics_{{"OVERLOADED", "MODEL_NOT_FOUND"}, {.process = "verdict-service", .version = "1.2.3"}};
};

TEST_F(ServiceMetricsTest, ALoadedModelHasItsSeriesAtZero) {
  Load("tickets");
  const std::string text = Text();
  for (const char* series :
       {"verdict_service_inputs_total{model=\"tickets\"} 0\n",
        "verdict_service_calls_total{model=\"tickets\",method=\"verdict.v1.Classifier/Classify\",code=\"OK\"} 0\n",
        "verdict_service_rejections_total{model=\"tickets\",reason=\"OVERLOADED\"} 0\n",
        "verdict_service_phase_duration_seconds_bucket{model=\"tickets\",phase=\"queue\",le=\"0.0005\"} 0\n",
        "verdict_service_batches_total{model=\"tickets\",processors=\"all\"} 0\n", "verdict_service_model_loads_total 1\n"}) {
    EXPECT_THAT(text, HasSubstr(series));
  }
}

TEST_F(ServiceMetricsTest, CountsAnAnswer) {
  ClassifyResponse response = Response("tickets");
  response.results.push_back(response.results[0]);
  response.results[1].tokens_dropped = 4;
  Answer(response);
  const std::string text = Text();
  for (const char* series :
       {"verdict_service_inputs_total{model=\"tickets\"} 2\n", "verdict_service_tokens_total{model=\"tickets\"} 14\n",
        "verdict_service_truncated_inputs_total{model=\"tickets\"} 1\n",
        "verdict_service_dropped_tokens_total{model=\"tickets\"} 4\n",
        "verdict_service_predictions_total{model=\"tickets\",label=\"refund\"} 2\n",
        "verdict_service_prediction_confidence_bucket{model=\"tickets\",le=\"0.7\"} 0\n",
        "verdict_service_prediction_confidence_bucket{model=\"tickets\",le=\"0.8\"} 2\n",
        "verdict_service_phase_duration_seconds_sum{model=\"tickets\",phase=\"queue\"} 0.003\n",
        "verdict_service_phase_duration_seconds_sum{model=\"tickets\",phase=\"total\"} 0.009\n"}) {
    EXPECT_THAT(text, HasSubstr(series));
  }
}

TEST_F(ServiceMetricsTest, ARawLogitIsNoConfidence) {
  Answer(Response("tickets", "refund", 3.5F));
  EXPECT_THAT(Text(), HasSubstr("verdict_service_prediction_confidence_count{model=\"tickets\"} 0\n"));
}

TEST_F(ServiceMetricsTest, LabelsBeyondAHundredAreOther) {
  for (int i = 0; i < 110; ++i) Answer(Response("tickets", absl::StrCat("label ", i)));
  Answer(Response("tickets", "label 0"));
  const std::string text = Text();
  EXPECT_THAT(text, HasSubstr("{model=\"tickets\",label=\"label 99\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("label 100")));
  EXPECT_THAT(text, HasSubstr("{model=\"tickets\",label=\"other\"} 10\n"));
  EXPECT_THAT(text, HasSubstr("{model=\"tickets\",label=\"label 0\"} 2\n"));
}

TEST_F(ServiceMetricsTest, LabelsOfALoadedModelAreThereAtZero) {
  std::vector<std::string> labels;
  for (int i = 0; i < 110; ++i) labels.push_back(absl::StrCat("label ", i));
  metrics_.OnModel({.kind = ModelChange::Kind::kLoaded, .model = "tickets", .labels = &labels});
  Answer(Response("tickets", "label 109"));
  const std::string text = Text();
  EXPECT_THAT(text, HasSubstr("verdict_service_predictions_total{model=\"tickets\",label=\"label 99\"} 0\n"));
  EXPECT_THAT(text, Not(HasSubstr("label 109")));
  EXPECT_THAT(text, HasSubstr("verdict_service_predictions_total{model=\"tickets\",label=\"other\"} 1\n"));
}

TEST_F(ServiceMetricsTest, WhatCallersNameMakesNoSeries) {
  Refuse("whatever they like", absl::NotFoundError("no"), "MODEL_NOT_FOUND");
  const std::string text = Text();
  EXPECT_THAT(text, Not(HasSubstr("whatever")));
  EXPECT_THAT(text, HasSubstr("verdict_service_rejections_total{model=\"unknown\",reason=\"MODEL_NOT_FOUND\"} 1\n"));
}

TEST_F(ServiceMetricsTest, ARequestThatNamesNoModelIsTheDefaults) {
  metrics_.SetDefaultModel("tickets");
  Refuse("", absl::ResourceExhaustedError("full"), "OVERLOADED");
  EXPECT_THAT(Text(), HasSubstr("verdict_service_rejections_total{model=\"tickets\",reason=\"OVERLOADED\"} 1\n"));
  EXPECT_THAT(Text(), HasSubstr("method=\"verdict.v1.Classifier/Classify\",code=\"RESOURCE_EXHAUSTED\"} 1\n"));
}

TEST_F(ServiceMetricsTest, ModelsBeyondAHundredAreOther) {
  for (int i = 0; i < 120; ++i) Answer(Response(absl::StrCat("m", i)));
  const std::string text = Text();
  EXPECT_THAT(text, HasSubstr("verdict_service_inputs_total{model=\"m50\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("model=\"m119\"")));
  EXPECT_THAT(text, HasSubstr("verdict_service_inputs_total{model=\"other\"}"));
}

TEST_F(ServiceMetricsTest, AnUnloadedModelTakesItsSeriesWithIt) {
  Load("tickets");
  Answer(Response("tickets"));
  metrics_.OnModel({.kind = ModelChange::Kind::kUnloaded, .model = "tickets"});
  EXPECT_THAT(Text(), Not(HasSubstr("tickets")));
  EXPECT_THAT(Text(), HasSubstr("verdict_service_model_unloads_total 1\n"));
  metrics_.OnModel({.kind = ModelChange::Kind::kNotLoaded, .model = "tickets", .took = absl::Seconds(1)});
  EXPECT_THAT(Text(), Not(HasSubstr("tickets")));
  EXPECT_THAT(Text(), HasSubstr("verdict_service_failed_model_loads_total 1\n"));
}

TEST_F(ServiceMetricsTest, CountsABatch) {
  metrics_.OnBatch({.model = "tickets",
                    .sequences = 3,
                    .tokens = 20,
                    .longest = 10,
                    .wide = false,
                    .ok = false,
                    .start = absl::UnixEpoch(),
                    .end = absl::UnixEpoch() + absl::Milliseconds(4)});
  const std::string text = Text();
  EXPECT_THAT(text, HasSubstr("verdict_service_batches_total{model=\"tickets\",processors=\"one\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("verdict_service_failed_batches_total{model=\"tickets\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("verdict_service_padding_saved_tokens_total{model=\"tickets\"} 10\n"));
  EXPECT_THAT(text, HasSubstr("verdict_service_batch_tokens_sum{model=\"tickets\"} 20\n"));
  EXPECT_THAT(text, HasSubstr("verdict_service_batch_duration_seconds_sum{model=\"tickets\"} 0.004\n"));
}

TEST_F(ServiceMetricsTest, ReadsGaugesWhenItIsAsked) {
  std::vector<QueueState> queues = {
      {.model = "tickets", .sequences = 4, .tokens = 30, .predicted_wait = absl::Milliseconds(250)}};
  std::vector<ModelInfo> models(1);
  models[0].name = "tickets";
  models[0].version = "7";
  models[0].memory_bytes = 1000;
  metrics_.ReadFrom({.models = [&] { return models; },
                     .queues = [&] { return queues; },
                     .ready = [] { return true; },
                     .stuck = [] { return true; },
                     .unread_answers = [] { return 3; },
                     .refused_connections = [] { return 4; }});
  EXPECT_THAT(Text(), HasSubstr("verdict_service_queue_sequences{model=\"tickets\"} 4\n"));
  EXPECT_THAT(Text(), HasSubstr("verdict_service_predicted_wait_seconds{model=\"tickets\"} 0.25\n"));
  EXPECT_THAT(Text(), HasSubstr("verdict_service_model_info{model=\"tickets\",version=\"7\""));
  EXPECT_THAT(Text(), HasSubstr("verdict_service_ready 1\n"));
  EXPECT_THAT(Text(), HasSubstr("verdict_service_stuck 1\n"));
  EXPECT_THAT(Text(), HasSubstr("verdict_service_unread_answers_total 3\n"));
  EXPECT_THAT(Text(), HasSubstr("verdict_service_refused_connections_total 4\n"));
  Answer(Response("tickets"));
  EXPECT_THAT(Text(), HasSubstr("verdict_service_inputs_total{model=\"tickets\"} 1\n"));
  models.clear();
  queues.clear();
  EXPECT_THAT(Text(), Not(HasSubstr("tickets"))) << "a model that is gone";
}

}  // namespace
}  // namespace verdict
