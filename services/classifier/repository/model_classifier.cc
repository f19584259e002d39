#include "services/classifier/repository/model_classifier.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/classifier/model/scoring.h"

namespace verdict {
namespace {

int64_t TextBytes(const ClassifyRequest& request) {
  size_t bytes = 0;
  for (const TextInput& input : request.inputs) bytes += input.text.size() + (input.text_pair ? input.text_pair->size() : 0);
  return static_cast<int64_t>(bytes);
}

absl::Status Unwanted(const CallContext& context) {
  if (context.IsCancelled()) return absl::CancelledError("the caller went away");
  if (absl::Now() >= context.deadline) return absl::DeadlineExceededError("the deadline passed before the texts were tokenised");
  return absl::OkStatus();
}

}  // namespace

// What is kept of a request while its sequences are with the scheduler.
struct ModelClassifier::Pending {
  Admission::Permit permit;
  absl::Time started;
  absl::Duration tokenize;
  ClassifyOptions options;
  std::vector<Classification> results;  // tokens and tokens_dropped are filled in, labels are not
  Done done;
};

ModelClassifier::ModelClassifier(Parts parts, Admission& admission, BatchScheduler::Options batching)
    : parts_(std::move(parts)), admission_(admission), scheduler_(std::move(parts_.backend), std::move(batching)) {}

void ModelClassifier::Classify(ClassifyRequest request, CallContext context, Done done) {
  if (request.inputs.empty()) return done(absl::InvalidArgumentError("inputs: at least one text is needed"));
  auto permit = admission_.Admit(static_cast<int64_t>(request.inputs.size()), TextBytes(request));
  if (!permit.ok()) return done(permit.status());
  auto pending = std::make_shared<Pending>();
  pending->permit = *std::move(permit);
  pending->started = absl::Now();
  pending->options = request.options;
  auto sequences = Tokenize(request, context, *pending);
  if (!sequences.ok()) {
    pending.reset();  // gives the place back before the caller learns of it
    return done(sequences.status());
  }
  pending->tokenize = absl::Now() - pending->started;
  pending->done = std::move(done);
  scheduler_.Submit(*std::move(sequences), context, [this, pending](absl::StatusOr<BatchScheduler::Outcome> outcome) {
    auto response = outcome.ok() ? Answer(*pending, outcome->logits) : absl::StatusOr<ClassifyResponse>(outcome.status());
    if (response.ok()) {
      response->times = {absl::Now() - pending->started, pending->tokenize, outcome->queue, outcome->compute};
    }
    pending->permit = Admission::Permit();  // before the answer: a caller that has it may ask again at once
    pending->done(std::move(response));
  });
}

absl::StatusOr<std::vector<TokenSequence>> ModelClassifier::Tokenize(const ClassifyRequest& request, const CallContext& context,
                                                                     Pending& pending) const {
  const TruncationPolicy policy = request.options.truncation_policy.value_or(parts_.truncation_policy);
  std::vector<TokenSequence> sequences;
  sequences.reserve(request.inputs.size());
  pending.results.reserve(request.inputs.size());
  for (size_t i = 0; i < request.inputs.size(); ++i) {
    if (absl::Status status = Unwanted(context); !status.ok()) return status;
    auto encoding = parts_.tokenizer->Encode(request.inputs[i], parts_.info.max_tokens, policy);
    if (!encoding.ok()) {
      return absl::Status(encoding.status().code(), absl::StrCat("inputs[", i, "]: ", encoding.status().message()));
    }
    if (absl::Status status = CheckIds(encoding->sequence, i); !status.ok()) return status;
    pending.results.push_back(
        {.labels = {}, .tokens = static_cast<int>(encoding->sequence.ids.size()), .tokens_dropped = encoding->tokens_dropped});
    sequences.push_back(std::move(encoding->sequence));
  }
  return sequences;
}

absl::Status ModelClassifier::CheckIds(const TokenSequence& sequence, size_t input) const {
  if (parts_.vocabulary_size == 0) return absl::OkStatus();
  const int32_t highest = *std::max_element(sequence.ids.begin(), sequence.ids.end());
  if (highest < parts_.vocabulary_size) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("inputs[", input, "]: holds token id ", highest,
                                                 ", but the model has embeddings for ids below ", parts_.vocabulary_size,
                                                 " only"));
}

absl::StatusOr<ClassifyResponse> ModelClassifier::Answer(Pending& pending, const Logits& logits) const {
  const FunctionToApply function = pending.options.function_to_apply.value_or(parts_.function_to_apply);
  for (size_t i = 0; i < pending.results.size(); ++i) {
    const auto scores = Score(logits.row(static_cast<int>(i)), logits.columns, function);
    if (!scores.ok()) return absl::Status(scores.status().code(), absl::StrCat("inputs[", i, "]: ", scores.status().message()));
    pending.results[i].labels = Rank(*scores, parts_.info.labels, pending.options.top_k);
  }
  return ClassifyResponse{std::move(pending.results), parts_.info.name, parts_.info.version, {}};
}

}  // namespace verdict
