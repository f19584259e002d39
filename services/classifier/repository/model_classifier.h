#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "services/classifier/api/classifier.h"
#include "services/classifier/api/model_info.h"
#include "services/classifier/batching/admission.h"
#include "services/classifier/batching/batch_scheduler.h"
#include "services/classifier/batching/forward_watch.h"
#include "services/classifier/batching/token_estimate.h"
#include "services/classifier/text/tokenizer.h"

namespace verdict {

// One loaded model: admits, tokenises on the caller's thread, queues for the compute lane, scores and ranks. Thread-safe.
class ModelClassifier final : public Classifier {
 public:
  struct Parts {
    ModelInfo info;
    std::string tokenizer_class;              // with where it was read from
    std::optional<int64_t> model_max_length;  // of the tokenizer; absent: it sets no limit
    FunctionToApply function_to_apply = FunctionToApply::kSoftmax;
    TruncationPolicy truncation_policy = TruncationPolicy::kHead;
    int max_windows = 256;    // of one input
    int vocabulary_size = 0;  // token ids below this have an embedding; 0: unknown
    std::unique_ptr<Tokenizer> tokenizer;
    std::unique_ptr<Backend> backend;
    ForwardWatch* watch = nullptr;  // of its queue; may be absent
  };

  // `admission` is shared between models and outlives them.
  ModelClassifier(Parts parts, Admission& admission, BatchScheduler::Options batching);

  // Ignores request.model and request.model_version: whoever calls has found this model by them.
  void Classify(ClassifyRequest request, CallContext context, Done done) override;

  const ModelInfo& info() const { return parts_.info; }
  QueueState Queue() { return scheduler_.Queue(); }

 private:
  struct Pending;
  // Whether there is room, and time, for a request whose texts have not been looked at.
  absl::StatusOr<Admission::Permit> Admit(const ClassifyRequest& request, const CallContext& context);
  void LearnTokens(const ClassifyRequest& request, const Pending& pending);
  absl::StatusOr<std::vector<TokenSequence>> Tokenize(const ClassifyRequest& request, const CallContext& context,
                                                      Pending& pending) const;
  // The sequences of one input: its windows, or itself.
  absl::StatusOr<std::vector<Window>> TokenizeInput(const TextInput& input, const ClassifyOptions& options,
                                                    Classification& result) const;
  absl::Status CheckIds(const TokenSequence& sequence) const;
  // The result's labels, from the rows [first, first + result.windows).
  absl::Status Label(const Logits& logits, int first, const ClassifyOptions& options, Classification& result) const;
  absl::StatusOr<ClassifyResponse> Answer(Pending& pending, const Logits& logits) const;

  Parts parts_;
  Admission& admission_;
  TokenEstimate estimate_;
  BatchScheduler scheduler_;  // last: its lane ends first
};

}  // namespace verdict
