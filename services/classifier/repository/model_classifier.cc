#include "services/classifier/repository/model_classifier.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/retry_delay.h"
#include "common/steady_clock.h"
#include "services/classifier/model/scoring.h"

namespace verdict {
namespace {

int64_t TextBytes(const TextInput& input) {
  return static_cast<int64_t>(input.text.size() + (input.text_pair ? input.text_pair->size() : 0));
}

int64_t TextBytes(const ClassifyRequest& request) {
  int64_t bytes = 0;
  for (const TextInput& input : request.inputs) bytes += TextBytes(input);
  return bytes;
}

absl::Status Unwanted(const CallContext& context) {
  if (context.IsCancelled()) return absl::CancelledError("the caller went away");
  if (SteadyNow() >= context.deadline) return absl::DeadlineExceededError("the deadline passed before the texts were tokenised");
  return absl::OkStatus();
}

}  // namespace

// What is kept of a request while its sequences are with the scheduler.
struct ModelClassifier::Pending {
  Admission::Permit permit;
  ForwardWatch::Waiting waiting;
  absl::Time started;
  absl::Duration tokenize;
  ClassifyOptions options;
  std::vector<Classification> results;  // tokens and tokens_dropped are filled in, labels are not
  Done done;
};

ModelClassifier::ModelClassifier(Parts parts, Admission& admission, BatchScheduler::Options batching)
    : parts_(std::move(parts)),
      admission_(admission),
      estimate_(parts_.info.max_tokens),
      scheduler_(std::move(parts_.backend), std::move(batching)) {}

absl::StatusOr<Admission::Permit> ModelClassifier::Admit(const ClassifyRequest& request, const CallContext& context) {
  if (absl::Status status = Unwanted(context); !status.ok()) return status;
  const auto texts = static_cast<int64_t>(request.inputs.size());
  int64_t tokens = 0;
  for (const TextInput& input : request.inputs) tokens += estimate_.Of(TextBytes(input));
  if (absl::Status status = scheduler_.Check(texts, tokens, context); !status.ok()) return status;
  auto permit = admission_.Admit(texts, TextBytes(request));
  if (absl::IsResourceExhausted(permit.status())) return WithRetryDelay(permit.status(), scheduler_.RetryDelay());
  return permit;
}

void ModelClassifier::LearnTokens(const ClassifyRequest& request, const Pending& pending) {
  int64_t tokens = 0;
  for (const Classification& result : pending.results) tokens += result.tokens + result.tokens_dropped;
  estimate_.Learn(static_cast<int64_t>(request.inputs.size()), TextBytes(request), tokens);
}

void ModelClassifier::Classify(ClassifyRequest request, CallContext context, Done done) {
  if (request.inputs.empty()) return done(absl::InvalidArgumentError("inputs: at least one text is needed"));
  auto permit = Admit(request, context);
  if (!permit.ok()) return done(permit.status());
  auto pending = std::make_shared<Pending>();
  pending->permit = *std::move(permit);
  pending->started = SteadyNow();
  pending->options = request.options;
  auto sequences = Tokenize(request, context, *pending);
  if (!sequences.ok()) {
    pending.reset();  // gives the place back before the caller learns of it
    return done(sequences.status());
  }
  pending->tokenize = SteadyNow() - pending->started;
  LearnTokens(request, *pending);
  pending->done = std::move(done);
  if (parts_.watch != nullptr) pending->waiting = parts_.watch->Enter(parts_.info.name);
  scheduler_.Submit(*std::move(sequences), context, [this, pending](absl::StatusOr<BatchScheduler::Outcome> outcome) {
    auto response = outcome.ok() ? Answer(*pending, outcome->logits) : absl::StatusOr<ClassifyResponse>(outcome.status());
    if (response.ok()) {
      response->times = {SteadyNow() - pending->started, pending->tokenize, outcome->queue, outcome->compute};
      response->batches = std::move(outcome->batches);
    }
    pending->waiting = {};
    pending->permit = Admission::Permit();  // before the answer: a caller that has it may ask again at once
    pending->done(std::move(response));
  });
}

absl::StatusOr<std::vector<TokenSequence>> ModelClassifier::Tokenize(const ClassifyRequest& request, const CallContext& context,
                                                                     Pending& pending) const {
  std::vector<TokenSequence> sequences;
  sequences.reserve(request.inputs.size());
  pending.results.reserve(request.inputs.size());
  for (size_t i = 0; i < request.inputs.size(); ++i) {
    if (absl::Status status = Unwanted(context); !status.ok()) return status;
    auto windows = TokenizeInput(request.inputs[i], request.options, pending.results.emplace_back());
    if (!windows.ok()) {
      return absl::Status(windows.status().code(), absl::StrCat("inputs[", i, "]: ", windows.status().message()));
    }
    for (Window& window : *windows) sequences.push_back(std::move(window.sequence));
  }
  return sequences;
}

absl::StatusOr<std::vector<Window>> ModelClassifier::TokenizeInput(const TextInput& input, const ClassifyOptions& options,
                                                                   Classification& result) const {
  const TruncationPolicy policy = options.truncation_policy.value_or(parts_.truncation_policy);
  std::vector<Window> windows;
  if (policy == TruncationPolicy::kWindow) {
    const int size = options.window.size == 0 ? parts_.info.max_tokens : options.window.size;
    if (size > parts_.info.max_tokens) {
      return absl::InvalidArgumentError(
          absl::StrCat("windows of ", size, " tokens are longer than the model takes, ", parts_.info.max_tokens));
    }
    auto laid = parts_.tokenizer->EncodeWindows(
        input, {.size = size, .stride = options.window.stride, .max_windows = parts_.max_windows});
    if (!laid.ok()) return laid.status();
    windows = *std::move(laid);
  } else {
    auto encoding = parts_.tokenizer->Encode(input, parts_.info.max_tokens, policy);
    if (!encoding.ok()) return encoding.status();
    result.tokens_dropped = encoding->tokens_dropped;
    windows.push_back({std::move(encoding->sequence), 0});
  }
  result.windows = static_cast<int>(windows.size());
  const bool listed = policy == TruncationPolicy::kWindow && options.window.return_windows;
  for (const Window& window : windows) {
    if (absl::Status status = CheckIds(window.sequence); !status.ok()) return status;
    const auto tokens = static_cast<int>(window.sequence.ids.size());
    result.tokens += tokens;
    if (listed) result.window_results.push_back({.labels = {}, .first_token = window.first_token, .tokens = tokens});
  }
  return windows;
}

absl::Status ModelClassifier::CheckIds(const TokenSequence& sequence) const {
  // Only where the tokenizer adds no special tokens.
  if (sequence.ids.empty()) return absl::InvalidArgumentError("has no tokens, and the model needs at least one");
  if (parts_.vocabulary_size == 0) return absl::OkStatus();
  const int32_t highest = *std::max_element(sequence.ids.begin(), sequence.ids.end());
  if (highest < parts_.vocabulary_size) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("holds token id ", highest, ", but the model has embeddings for ids below ", parts_.vocabulary_size, " only"));
}

absl::Status ModelClassifier::Label(const Logits& logits, int first, const ClassifyOptions& options,
                                    Classification& result) const {
  const FunctionToApply function = options.function_to_apply.value_or(parts_.function_to_apply);
  std::vector<std::vector<float>> by_window;
  for (int i = 0; i < result.windows; ++i) {
    auto scores = Score(logits.row(first + i), logits.columns, function);
    if (!scores.ok()) return scores.status();
    by_window.push_back(*std::move(scores));
  }
  result.labels = Rank(CombineWindows(by_window, options.window.combination), parts_.info.labels, options.top_k);
  for (size_t i = 0; i < result.window_results.size(); ++i) {
    result.window_results[i].labels = Rank(by_window[i], parts_.info.labels, options.top_k);
  }
  return absl::OkStatus();
}

absl::StatusOr<ClassifyResponse> ModelClassifier::Answer(Pending& pending, const Logits& logits) const {
  int row = 0;
  for (size_t i = 0; i < pending.results.size(); ++i) {
    Classification& result = pending.results[i];
    if (absl::Status status = Label(logits, row, pending.options, result); !status.ok()) {
      return absl::Status(status.code(), absl::StrCat("inputs[", i, "]: ", status.message()));
    }
    row += result.windows;
  }
  return ClassifyResponse{std::move(pending.results), parts_.info.name, parts_.info.version, {}};
}

}  // namespace verdict
