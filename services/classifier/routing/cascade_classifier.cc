#include "services/classifier/routing/cascade_classifier.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/steady_clock.h"
#include "common/utf8.h"

namespace verdict {
namespace {

// What a step makes of a model's answer to one input.
CascadeStep Judge(const Cascade::Step& step, const ClassifyResponse& response, const Classification& result) {
  CascadeStep judged{.model = response.model, .model_version = response.model_version, .label = {}, .score = 0};
  if (result.labels.empty()) return judged;
  judged.label = result.labels.front().label;
  judged.score = result.labels.front().score;
  if (step.pass_on_labels.contains(judged.label)) {
    judged.outcome = CascadeOutcome::kPassedOnByLabel;
  } else if (step.pass_on_below && judged.score < *step.pass_on_below) {
    judged.outcome = CascadeOutcome::kPassedOnByScore;
  }
  return judged;
}

// A step's message counts the inputs that it was given; the caller knows them by another number.
absl::Status Renumbered(const absl::Status& status, const std::vector<size_t>& inputs) {
  absl::string_view rest = status.message();
  const size_t end = rest.find(']');
  size_t index = 0;
  if (end == absl::string_view::npos || !absl::ConsumePrefix(&rest, "inputs[") ||
      !absl::SimpleAtoi(rest.substr(0, rest.find(']')), &index) || index >= inputs.size())
    return status;
  return absl::Status(status.code(), absl::StrCat("inputs[", inputs[index], status.message().substr(end)));
}

// From a model's own ids to those of the cascade. What its models have no more, for one was unloaded meanwhile, comes after the
// rest.
void Renumber(std::vector<LabelScore>& scores, CascadeLabels& labels) {
  for (LabelScore& score : scores) score.label_id = labels.Add(score.label);
}

}  // namespace

int CascadeLabels::Add(const std::string& label) {
  const auto [place, is_new] = ids_.try_emplace(label, static_cast<int>(labels_.size()));
  if (is_new) labels_.push_back(label);
  return place->second;
}

// One request on its way through the steps; kept alive by the call that it waits for. Each step begins where the one before it
// has answered, so that no two threads are here at the same time.
class CascadeClassifier::Run : public std::enable_shared_from_this<Run> {
 public:
  Run(const CascadeClassifier& owner, ClassifyRequest request, CallContext context, Done done)
      : owner_(owner), request_(std::move(request)), context_(std::move(context)), done_(std::move(done)) {
    response_.results.resize(request_.inputs.size());
    response_.model = owner_.cascade_.name;
    for (size_t i = 0; i < request_.inputs.size(); ++i) open_.push_back(i);
  }

  void Start(std::string version) {
    response_.model_version = std::move(version);
    Next();
  }

 private:
  const Cascade& cascade() const { return owner_.cascade_; }
  const Cascade::Step& step() const { return cascade().steps[step_]; }

  void Next() {
    for (; step_ < cascade().steps.size() && !open_.empty(); ++step_) {
      const auto version = owner_.models_.catalog.VersionOf(step().model);
      if (version.ok()) return Ask();
      if (absl::IsUnavailable(version.status())) return done_(version.status());  // it will be there in a moment
      NoteNotLoaded();
    }
    Finish();
  }

  void Ask() {
    ClassifyRequest request{.model = step().model, .model_version = {}, .inputs = {}, .options = request_.options};
    const bool last = step_ + 1 == cascade().steps.size();
    for (const size_t i : open_) request.inputs.push_back(last ? std::move(request_.inputs[i]) : request_.inputs[i]);
    context_.accepted = asked_;  // of what an earlier model has done, nothing shall be in vain
    owner_.models_.classifier.Classify(
        std::move(request), context_,
        [self = shared_from_this()](absl::StatusOr<ClassifyResponse> response) { self->Take(std::move(response)); });
  }

  void Take(absl::StatusOr<ClassifyResponse> response) {
    if (absl::IsNotFound(response.status())) {  // it was unloaded a moment ago
      NoteNotLoaded();
    } else if (!response.ok()) {
      return done_(Renumbered(response.status(), open_));
    } else if (response->results.size() != open_.size()) {
      return done_(absl::InternalError(
          absl::StrCat("model \"", step().model, "\" answered ", response->results.size(), " of ", open_.size(), " texts")));
    } else {
      Note(*std::move(response));
    }
    ++step_;
    const bool asks_more = !open_.empty() && step_ < cascade().steps.size();
    if (!asks_more || !owner_.models_.later) return Next();
    owner_.models_.later([self = shared_from_this()] { self->Next(); });
  }

  void NoteNotLoaded() {
    for (const size_t i : open_) {
      response_.results[i].cascade_steps.push_back({.model = step().model, .outcome = CascadeOutcome::kNotLoaded});
    }
  }

  void Note(ClassifyResponse answer) {
    asked_ = true;
    response_.times.tokenize += answer.times.tokenize;
    response_.times.queue += answer.times.queue;
    response_.times.compute += answer.times.compute;
    response_.batches.insert(response_.batches.end(), answer.batches.begin(), answer.batches.end());
    std::vector<size_t> passed_on;
    for (size_t k = 0; k < open_.size(); ++k) {
      CascadeStep judged = Judge(step(), answer, answer.results[k]);
      if (judged.outcome != CascadeOutcome::kAnswered) passed_on.push_back(open_[k]);
      Classification& result = response_.results[open_[k]];
      answer.results[k].cascade_steps = std::move(result.cascade_steps);
      result = std::move(answer.results[k]);
      result.cascade_steps.push_back(std::move(judged));
    }
    open_ = std::move(passed_on);
  }

  // What no step answered: the fallback, or the last answer.
  void Finish() {
    if (!asked_) return done_(absl::NotFoundError(absl::StrCat("no model of the cascade \"", cascade().name, "\" is loaded")));
    for (const size_t i : open_) {
      Classification& result = response_.results[i];
      auto& steps = result.cascade_steps;
      const auto last = std::find_if(steps.rbegin(), steps.rend(),
                                     [](const CascadeStep& each) { return each.outcome != CascadeOutcome::kNotLoaded; });
      if (!cascade().fallback_label) {
        last->outcome = CascadeOutcome::kAnswered;
        continue;
      }
      const float score = std::clamp(last->score, 0.0F, 1.0F);
      result.labels = {{*cascade().fallback_label, score, 0}};
      steps.push_back({.model = {},
                       .model_version = {},
                       .label = *cascade().fallback_label,
                       .score = score,
                       .outcome = CascadeOutcome::kFallback});
    }
    RenumberAll();
    response_.times.total = SteadyNow() - started_;
    done_(std::move(response_));
  }

  void RenumberAll() {
    CascadeLabels labels = owner_.Labels();
    for (Classification& result : response_.results) {
      Renumber(result.labels, labels);
      for (WindowResult& window : result.window_results) Renumber(window.labels, labels);
    }
  }

  const CascadeClassifier& owner_;
  const absl::Time started_ = SteadyNow();
  ClassifyRequest request_;
  CallContext context_;
  Done done_;
  ClassifyResponse response_;
  size_t step_ = 0;
  std::vector<size_t> open_;  // inputs that nobody has answered yet
  bool asked_ = false;        // a model has answered
};

CascadeClassifier::CascadeClassifier(Cascade cascade, bool is_default, Models models)
    : cascade_(std::move(cascade)), is_default_(is_default), models_(std::move(models)) {}

void CascadeClassifier::Classify(ClassifyRequest request, CallContext context, Done done) {
  if (!IsMeant(request.model)) return models_.classifier.Classify(std::move(request), std::move(context), std::move(done));
  if (absl::Status status = Check(request); !status.ok()) return done(std::move(status));
  auto version = Version(request.model_version);
  if (!version.ok()) return done(version.status());
  std::make_shared<Run>(*this, std::move(request), std::move(context), std::move(done))->Start(*std::move(version));
}

absl::Status CascadeClassifier::Check(const ClassifyRequest& request) const {
  if (request.inputs.empty()) return absl::InvalidArgumentError("inputs: at least one text is needed");
  if (request.options.function_to_apply != FunctionToApply::kNone) return absl::OkStatus();
  for (const Cascade::Step& step : cascade_.steps) {
    if (!step.pass_on_below) continue;
    return absl::InvalidArgumentError(absl::StrCat("options.function_to_apply: cascade \"", cascade_.name,
                                                   "\" compares scores, and has no answer in raw logits"));
  }
  return absl::OkStatus();
}

CascadeLabels CascadeClassifier::Labels() const {
  CascadeLabels labels;
  for (const Cascade::Step& step : cascade_.steps) {
    const auto model = models_.catalog.Get(step.model, "");
    if (!model.ok()) continue;
    for (const std::string& label : model->labels) labels.Add(label);
  }
  if (cascade_.fallback_label) labels.Add(*cascade_.fallback_label);
  return labels;
}

absl::StatusOr<std::string> CascadeClassifier::Version(const std::string& wanted) const {
  std::string version = "1";
  absl::Status none = absl::NotFoundError(absl::StrCat("no model of the cascade \"", cascade_.name, "\" is loaded"));
  bool loaded = false;
  for (const Cascade::Step& step : cascade_.steps) {
    const auto of_step = models_.catalog.VersionOf(step.model);
    if (of_step.ok() && &step == &cascade_.steps.front()) version = *of_step;
    if (absl::IsUnavailable(of_step.status())) none = of_step.status();
    loaded = loaded || of_step.ok();
  }
  if (!loaded) return none;
  if (wanted.empty() || wanted == version) return version;
  return absl::NotFoundError(
      absl::StrCat("cascade \"", cascade_.name, "\" is there in version \"", version, "\", not \"", Shortened(wanted), "\""));
}

absl::StatusOr<ModelInfo> CascadeClassifier::Describe(const std::string& version) const {
  auto own = Version(version);
  if (!own.ok()) return own.status();
  ModelInfo info;
  info.name = cascade_.name;
  info.version = *std::move(own);
  info.is_default = is_default_;
  info.backend = "cascade";
  info.labels = Labels().labels();
  for (const Cascade::Step& step : cascade_.steps) {
    const auto model = models_.catalog.Get(step.model, "");
    if (!model.ok()) continue;
    const bool first = info.max_tokens == 0;
    info.max_tokens = first ? model->max_tokens : std::min(info.max_tokens, model->max_tokens);
    if (first) info.default_function_to_apply = model->default_function_to_apply;
    if (first) info.precision = model->precision;
    if (info.precision != model->precision) info.precision = "mixed";
    info.parameters += model->parameters;
    info.loaded_at = std::max(info.loaded_at, model->loaded_at);
  }
  return info;
}

std::vector<ModelInfo> CascadeClassifier::List() const {
  std::vector<ModelInfo> all = models_.catalog.List();
  if (auto own = Describe(""); own.ok()) {
    const auto after = std::upper_bound(all.begin(), all.end(), own->name,
                                        [](const std::string& name, const ModelInfo& info) { return name < info.name; });
    all.insert(after, *std::move(own));
  }
  return all;
}

absl::StatusOr<ModelInfo> CascadeClassifier::Get(const std::string& name, const std::string& version) const {
  return IsMeant(name) ? Describe(version) : models_.catalog.Get(name, version);
}

}  // namespace verdict
