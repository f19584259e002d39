#include "services/classifier/routing/cascade_classifier.h"

#include <map>
#include <utility>

#include "gmock/gmock.h"

namespace verdict {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Models whose answer to each text is written down; records what each was asked.
class FakeModels : public Classifier, public ModelCatalog {
 public:
  using Answers = std::map<std::string, LabelScore>;

  void Add(const std::string& model, Answers answers, std::vector<std::string> labels = {}) {
    answers_[model] = std::move(answers);
    ModelInfo info;
    info.name = model;
    info.version = model + "-v";
    info.labels = std::move(labels);
    info.max_tokens = 512;
    info.precision = "fp32";
    info.parameters = 10;
    infos_[model] = std::move(info);
  }

  void Classify(ClassifyRequest request, CallContext context, Done done) override {
    asked.push_back(request);
    contexts.push_back(context);
    if (request.model.empty()) return done(absl::NotFoundError("no default"));
    if (request.model == vanishing) return done(absl::NotFoundError("gone"));
    if (request.model == failing) return done(failure);
    ClassifyResponse response{.results = {}, .model = request.model, .model_version = request.model + "-v", .times = {}};
    response.times = {absl::Seconds(100), absl::Milliseconds(1), absl::Milliseconds(2), absl::Milliseconds(3)};
    for (const TextInput& input : request.inputs) {
      Classification& result = response.results.emplace_back();
      result.labels.push_back(answers_.at(request.model).at(input.text));
      result.tokens = static_cast<int>(input.text.size());
      if (windows) result.window_results.push_back({.labels = result.labels, .first_token = 0, .tokens = 1});
    }
    done(std::move(response));
  }

  std::vector<ModelInfo> List() const override {
    std::vector<ModelInfo> all;
    for (const auto& [name, info] : infos_) all.push_back(info);
    return all;
  }
  absl::StatusOr<ModelInfo> Get(const std::string& name, const std::string&) const override {
    if (!absence.ok() && !infos_.contains(name)) return absence;
    if (!name.empty() && name == awaited) return absl::UnavailableError("not loaded yet");
    if (const auto found = infos_.find(name); found != infos_.end()) return found->second;
    return absl::NotFoundError("not there");
  }

  std::vector<ClassifyRequest> asked;
  std::vector<CallContext> contexts;
  std::string vanishing;  // unloaded after it was listed
  std::string awaited;
  std::string failing;
  bool windows = false;
  absl::Status failure = absl::OkStatus();
  absl::Status absence = absl::OkStatus();

 private:
  std::map<std::string, Answers> answers_;
  std::map<std::string, ModelInfo> infos_;
};

Cascade Router() {
  return {.name = "router",
          .steps = {{.model = "general", .pass_on_labels = {"0"}, .pass_on_below = 0.3},
                    {.model = "low_volume", .pass_on_labels = {}, .pass_on_below = 0.5}},
          .fallback_label = "360001"};
}

class CascadeClassifierTest : public testing::Test {
 protected:
  void AddGeneral() {
    models_.Add("general",
                {{"sure", {"12", 0.9F, 1}},
                 {"rare", {"0", 0.8F, 0}},
                 {"vague", {"13", 0.2F, 2}},
                 {"edge", {"14", 0.3F, 3}},
                 {"lost", {"0", 0.7F, 0}}},
                {"0", "12", "13", "14"});
  }
  void AddLowVolume() {
    models_.Add("low_volume", {{"rare", {"77", 0.6F, 1}}, {"vague", {"78", 0.95F, 2}}, {"lost", {"79", 0.4F, 3}}},
                {"77", "78", "79", "12"});
  }

  absl::StatusOr<ClassifyResponse> Classify(const std::vector<std::string>& texts, const std::string& model = "",
                                            const std::string& version = "") {
    ClassifyRequest request{.model = model, .model_version = version, .inputs = {}, .options = options_};
    for (const std::string& text : texts) request.inputs.push_back({text, std::nullopt});
    CascadeClassifier cascade(declaration_, is_default_, {models_, models_});
    absl::StatusOr<ClassifyResponse> answer = absl::UnknownError("no answer");
    int answers = 0;
    cascade.Classify(std::move(request), context_, [&](absl::StatusOr<ClassifyResponse> response) {
      answer = std::move(response);
      ++answers;
    });
    EXPECT_EQ(answers, 1);
    return answer;
  }

  static std::vector<std::string> Labels(const ClassifyResponse& response) {
    std::vector<std::string> labels;
    for (const auto& result : response.results) labels.push_back(result.labels.at(0).label);
    return labels;
  }
  static std::vector<CascadeOutcome> Outcomes(const Classification& result) {
    std::vector<CascadeOutcome> outcomes;
    for (const auto& step : result.cascade_steps) outcomes.push_back(step.outcome);
    return outcomes;
  }

  FakeModels models_;
  Cascade declaration_ = Router();
  bool is_default_ = true;
  ClassifyOptions options_;
  CallContext context_;
};

// Whoever computed the first step has other answers to give.
TEST_F(CascadeClassifierTest, ALaterStepBeginsWhereItIsTold) {
  AddGeneral();
  AddLowVolume();
  std::vector<absl::AnyInvocable<void()>> later;
  CascadeClassifier cascade(declaration_, true,
                            {models_, models_, [&](absl::AnyInvocable<void()> step) { later.push_back(std::move(step)); }});
  int answers = 0;
  const auto ask = [&](const std::string& text) {
    cascade.Classify({.model = {}, .model_version = {}, .inputs = {{text, std::nullopt}}, .options = {}}, {},
                     [&](const absl::StatusOr<ClassifyResponse>& response) { answers += response.ok() ? 1 : 100; });
  };
  ask("rare");
  ask("sure");  // has no second step, and waits for nobody
  EXPECT_EQ(answers, 1);
  EXPECT_EQ(models_.asked.size(), 2u);
  ASSERT_EQ(later.size(), 1u);
  later[0]();
  EXPECT_EQ(answers, 2);
  EXPECT_EQ(models_.asked.size(), 3u);
  EXPECT_EQ(later.size(), 1u) << "the fallback and the last answer need nobody";
}

TEST_F(CascadeClassifierTest, EachStepAnswersWhatItIsSureOf) {
  AddGeneral();
  AddLowVolume();
  const auto response = Classify({"sure", "rare", "edge", "vague", "lost"});
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(Labels(*response), ElementsAre("12", "77", "14", "78", "360001"));
  EXPECT_EQ(response->model, "router");
  EXPECT_EQ(response->model_version, "general-v");
  ASSERT_EQ(models_.asked.size(), 2u);
  EXPECT_EQ(models_.asked[0].inputs.size(), 5u);
  EXPECT_EQ(models_.asked[1].inputs.size(), 3u);
  EXPECT_EQ(models_.asked[1].inputs[2].text, "lost");
  EXPECT_EQ(response->results[4].labels[0].score, 0.4F);
  EXPECT_EQ(response->results[4].labels.size(), 1u);
}

TEST_F(CascadeClassifierTest, ExplainsEveryStep) {
  AddGeneral();
  AddLowVolume();
  const auto response = Classify({"sure", "rare", "vague", "lost"});
  using enum CascadeOutcome;
  EXPECT_THAT(Outcomes(response->results[0]), ElementsAre(kAnswered));
  EXPECT_THAT(Outcomes(response->results[1]), ElementsAre(kPassedOnByLabel, kAnswered));
  EXPECT_THAT(Outcomes(response->results[2]), ElementsAre(kPassedOnByScore, kAnswered));
  EXPECT_THAT(Outcomes(response->results[3]), ElementsAre(kPassedOnByLabel, kPassedOnByScore, kFallback));
  const auto& steps = response->results[3].cascade_steps;
  EXPECT_EQ(steps[0].model, "general");
  EXPECT_EQ(steps[0].model_version, "general-v");
  EXPECT_EQ(steps[0].label, "0");
  EXPECT_EQ(steps[0].score, 0.7F);
  EXPECT_EQ(steps[2].model, "");
  EXPECT_EQ(steps[2].label, "360001");
  EXPECT_EQ(steps[2].score, 0.4F);
}

TEST_F(CascadeClassifierTest, WithoutAFallbackTheLastAnswerStands) {
  AddGeneral();
  AddLowVolume();
  declaration_.fallback_label.reset();
  const auto response = Classify({"lost"});
  EXPECT_THAT(Labels(*response), ElementsAre("79"));
  EXPECT_THAT(Outcomes(response->results[0]), ElementsAre(CascadeOutcome::kPassedOnByLabel, CascadeOutcome::kAnswered));
}

TEST_F(CascadeClassifierTest, AStepThatIsNotLoadedPassesEverythingOn) {
  using enum CascadeOutcome;
  AddGeneral();
  const auto without_second = Classify({"sure", "rare"});
  EXPECT_THAT(Labels(*without_second), ElementsAre("12", "360001"));
  EXPECT_THAT(Outcomes(without_second->results[1]), ElementsAre(kPassedOnByLabel, kNotLoaded, kFallback));
  EXPECT_EQ(without_second->results[1].labels[0].score, 0.8F);
  declaration_.fallback_label.reset();
  const auto standing = Classify({"rare"});
  EXPECT_THAT(Labels(*standing), ElementsAre("0"));
  EXPECT_THAT(Outcomes(standing->results[0]), ElementsAre(kAnswered, kNotLoaded));
  models_ = {};
  AddLowVolume();
  const auto without_first = Classify({"rare"});
  EXPECT_THAT(Outcomes(without_first->results[0]), ElementsAre(kNotLoaded, kAnswered));
  EXPECT_EQ(without_first->results[0].cascade_steps[0].model, "general");
  EXPECT_EQ(without_first->results[0].cascade_steps[0].model_version, "");
  EXPECT_EQ(without_first->model_version, "1");
}

TEST_F(CascadeClassifierTest, AModelThatGoesMeanwhileIsNotLoaded) {
  AddGeneral();
  AddLowVolume();
  models_.vanishing = "low_volume";
  EXPECT_THAT(Labels(*Classify({"rare"})), ElementsAre("360001"));
  models_.vanishing = "general";
  EXPECT_THAT(Labels(*Classify({"rare"})), ElementsAre("77"));
}

TEST_F(CascadeClassifierTest, IsNotThereWithoutAnyOfItsModels) {
  EXPECT_EQ(Classify({"rare"}).status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(Classify({"rare"}).status().message()), HasSubstr("no model of the cascade \"router\" is loaded"));
  const CascadeClassifier cascade(declaration_, true, {models_, models_});
  EXPECT_THAT(cascade.List(), IsEmpty());
  EXPECT_EQ(cascade.Get("router", "").status().code(), absl::StatusCode::kNotFound);
  models_.absence = absl::UnavailableError("no model is loaded yet");
  EXPECT_EQ(Classify({"rare"}).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(CascadeClassifierTest, ATextIsUnavailableWhileTheModelItComesToIsAwaited) {
  AddGeneral();
  models_.awaited = "low_volume";
  EXPECT_THAT(Labels(*Classify({"sure"})), ElementsAre("12"));
  const absl::Status status = Classify({"sure", "rare"}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(status.message(), "not loaded yet");
}

TEST_F(CascadeClassifierTest, RefusesRawLogitsWhereAStepComparesScores) {
  AddGeneral();
  AddLowVolume();
  options_.function_to_apply = FunctionToApply::kNone;
  const absl::Status status = Classify({"sure"}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), testing::StartsWith("options.function_to_apply: "));
  EXPECT_TRUE(Classify({"sure"}, "general").ok());
  for (auto& step : declaration_.steps) step.pass_on_below.reset();
  EXPECT_TRUE(Classify({"sure"}).ok());
}

TEST_F(CascadeClassifierTest, LabelIdsCountTheLabelsOfTheCascade) {
  AddGeneral();
  AddLowVolume();
  models_.Add("low_volume", {{"rare", {"12", 0.6F, 3}}, {"vague", {"78", 0.95F, 1}}, {"lost", {"79", 0.4F, 2}}},
              {"77", "78", "79", "12"});
  models_.windows = true;
  const auto response = Classify({"sure", "rare", "vague", "lost"});
  const auto labels = CascadeClassifier(declaration_, true, {models_, models_}).Get("", "")->labels;
  ASSERT_TRUE(response.ok());
  for (const Classification& result : response->results) {
    EXPECT_EQ(labels.at(static_cast<size_t>(result.labels.at(0).label_id)), result.labels[0].label);
    for (const WindowResult& window : result.window_results) {
      EXPECT_EQ(labels.at(static_cast<size_t>(window.labels.at(0).label_id)), window.labels[0].label);
    }
  }
  EXPECT_EQ(response->results[3].labels[0].label_id, 7);  // the fallback, after the labels of the models
}

TEST_F(CascadeClassifierTest, TheFallbacksScoreIsAProbability) {
  declaration_.steps = {{.model = "raw", .pass_on_labels = {"0"}, .pass_on_below = {}}};
  models_.Add("raw", {{"high", {"0", 7.5F, 0}}, {"low", {"0", -2.0F, 0}}});
  const auto response = Classify({"high", "low"});
  EXPECT_EQ(response->results[0].labels[0].score, 1.0F);
  EXPECT_EQ(response->results[1].labels[0].score, 0.0F);
}

TEST_F(CascadeClassifierTest, OptionsDeadlineAndCancellationGoToEveryStep) {
  AddGeneral();
  AddLowVolume();
  options_.top_k = 3;
  options_.function_to_apply = FunctionToApply::kSigmoid;
  context_.deadline = absl::FromUnixSeconds(7);
  context_.request_id = "id";
  context_.cancelled = [] { return true; };
  ASSERT_TRUE(Classify({"rare"}).ok());
  ASSERT_EQ(models_.asked.size(), 2u);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(models_.asked[i].options.top_k, 3);
    EXPECT_EQ(models_.asked[i].options.function_to_apply, FunctionToApply::kSigmoid);
    EXPECT_EQ(models_.contexts[i].deadline, absl::FromUnixSeconds(7));
    EXPECT_EQ(models_.contexts[i].request_id, "id");
    EXPECT_TRUE(models_.contexts[i].IsCancelled());
    EXPECT_EQ(models_.contexts[i].accepted, i > 0);  // once a model has answered, the next refuses nothing for want of time
  }
}

TEST_F(CascadeClassifierTest, TimesAddUp) {
  AddGeneral();
  AddLowVolume();
  const auto times = Classify({"sure", "rare"})->times;
  EXPECT_EQ(times.tokenize, absl::Milliseconds(2));
  EXPECT_EQ(times.queue, absl::Milliseconds(4));
  EXPECT_EQ(times.compute, absl::Milliseconds(6));
  EXPECT_LT(times.total, absl::Seconds(50));  // its own clock, not the sum
}

TEST_F(CascadeClassifierTest, AnErrorOfAStepIsTheAnswerAndCountsTheCallersInputs) {
  AddGeneral();
  AddLowVolume();
  models_.failing = "low_volume";
  models_.failure = absl::InvalidArgumentError("inputs[1]: 600 tokens, at most 512");
  const absl::Status status = Classify({"sure", "rare", "sure", "vague"}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "inputs[3]: 600 tokens, at most 512");
  for (const char* message : {"inputs[7]: odd", "inputs[", "inputs[x]", "overloaded: inputs[0]"}) {
    models_.failure = absl::ResourceExhaustedError(message);
    EXPECT_EQ(Classify({"rare"}).status(), models_.failure);
  }
}

TEST_F(CascadeClassifierTest, IsFoundByItsNameAndVersion) {
  AddGeneral();
  EXPECT_EQ(Classify({"sure"}, "router")->model, "router");
  EXPECT_EQ(Classify({"sure"}, "general")->model, "general");
  EXPECT_THAT(Classify({"sure"}, "general")->results[0].cascade_steps, IsEmpty());
  EXPECT_TRUE(Classify({"sure"}, "router", "general-v").ok());
  EXPECT_EQ(Classify({"sure"}, "router", "2").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Classify({}, "router").status().code(), absl::StatusCode::kInvalidArgument);
  is_default_ = false;
  EXPECT_EQ(Classify({"sure"}).status().message(), "no default");
}

TEST_F(CascadeClassifierTest, IsListedAmongTheModels) {
  AddGeneral();
  AddLowVolume();
  models_.Add("zoo", {});
  const CascadeClassifier cascade(declaration_, true, {models_, models_});
  const auto list = cascade.List();
  ASSERT_EQ(list.size(), 4u);
  EXPECT_EQ(list[2].name, "router");
  EXPECT_EQ(list[2].backend, "cascade");
  EXPECT_TRUE(list[2].is_default);
  EXPECT_EQ(list[2].max_tokens, 512);
  EXPECT_EQ(list[2].parameters, 20);
  EXPECT_THAT(list[2].labels, ElementsAre("0", "12", "13", "14", "77", "78", "79", "360001"));
  EXPECT_EQ(cascade.Get("", "")->name, "router");
  EXPECT_EQ(cascade.Get("general", "")->name, "general");
  EXPECT_EQ(cascade.Get("router", "9").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace verdict
