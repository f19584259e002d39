#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "telemetry/trace_context.h"

namespace verdict {

// One text, or a pair that the model reads together. Valid UTF-8: whoever builds one has checked it.
struct TextInput {
  std::string text;
  std::optional<std::string> text_pair;
};

// From logits to scores; the formulas stand in proto/verdict/v1/classifier.proto.
enum class FunctionToApply { kSoftmax, kSigmoid, kNone };

// What happens to a text with more tokens than the model takes; the names say what is kept.
enum class TruncationPolicy { kHead, kTail, kHeadTail, kError, kWindow };

// From the scores of a text's windows to those of the text; the formulas stand in the proto.
enum class WindowCombination { kMean, kMax, kFirst };

// How a long text is read in overlapping windows.
struct WindowOptions {
  int size = 0;               // tokens, special tokens included; 0: as many as the model takes
  std::optional<int> stride;  // content tokens that neighbours share; absent: a quarter of a window's
  WindowCombination combination = WindowCombination::kMean;
  bool return_windows = false;
};

struct ClassifyOptions {
  int top_k = 0;                                      // 0: all labels
  std::optional<FunctionToApply> function_to_apply;   // absent: the model's own
  std::optional<TruncationPolicy> truncation_policy;  // absent: the model's own, which is kHead but for odd tokenizers
  WindowOptions window;                               // for TruncationPolicy::kWindow
};

struct ClassifyRequest {
  std::string model;          // empty: the default model
  std::string model_version;  // empty: any
  std::vector<TextInput> inputs;
  ClassifyOptions options;
};

// A label and its score: a probability within [0, 1], or the raw logit under FunctionToApply::kNone.
struct LabelScore {
  std::string label;
  float score = 0;
  int label_id = 0;
};

// The result for one window of an input.
struct WindowResult {
  std::vector<LabelScore> labels;
  int first_token = 0;  // of the window's content tokens, in the text
  int tokens = 0;       // special tokens included
};

// What a step of a cascade came to.
enum class CascadeOutcome { kAnswered, kPassedOnByLabel, kPassedOnByScore, kNotLoaded, kFallback };

// One step of a cascade for one input. Of all steps of an input, exactly one is kAnswered or kFallback: the answer.
struct CascadeStep {
  std::string model = {};          // empty: the fallback label
  std::string model_version = {};  // empty: the fallback label, or the model is not loaded
  std::string label = {};          // the model's top label, or the fallback label; empty: the model is not loaded
  float score = 0;                 // of the label; the fallback label has that of the last model that was asked
  CascadeOutcome outcome = CascadeOutcome::kAnswered;
};

struct Classification {
  std::vector<LabelScore> labels;               // by descending score, ties by label id
  int tokens = 0;                               // special tokens included, after truncation, of all windows
  int tokens_dropped = 0;                       // 0: not truncated
  int windows = 1;                              // how many were classified
  std::vector<WindowResult> window_results;     // empty unless asked for
  std::vector<CascadeStep> cascade_steps = {};  // empty unless a cascade answered
};

struct PhaseTimes {
  absl::Duration total;
  absl::Duration tokenize;
  absl::Duration queue;
  absl::Duration compute;
};

struct ClassifyResponse {
  std::vector<Classification> results;  // one per input, same order
  std::string model;
  std::string model_version;
  PhaseTimes times;
  std::vector<uint64_t> batches = {};  // FinishedBatch::id of those it ran in; empty where nobody observes
};

// What travels beside a request: until when, and whether anybody still waits for the answer.
struct CallContext {
  absl::Time deadline = absl::InfiniteFuture();  // by SteadyNow()
  std::string request_id;
  TraceContext trace = {};  // the call's own span; not valid: nothing is traced
  // True once the caller has gone away. May be called from any thread; empty means never.
  std::function<bool()> cancelled;
  std::string client = {};  // whose requests share the lanes' time with those of others; empty: nobody's in particular
  bool accepted = false;    // earlier work for it has been done, which to refuse it now would waste

  bool IsCancelled() const { return cancelled && cancelled(); }
};

// Answers classification requests. Implementations are thread-safe.
class Classifier {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<ClassifyResponse>)>;

  virtual ~Classifier() = default;

  // Calls `done` exactly once, possibly before returning and possibly on another thread. Errors:
  //   kInvalidArgument    no inputs, or a text too long under TruncationPolicy::kError
  //   kNotFound           unknown model or version
  //   kResourceExhausted  as much work as is admitted is already waiting, or too much for the deadline
  //   kUnavailable        no model is loaded yet, or the process is draining
  //   kDeadlineExceeded   the deadline passed first
  //   kCancelled          the caller went away first
  //   kInternal           the backend failed
  virtual void Classify(ClassifyRequest request, CallContext context, Done done) = 0;
};

}  // namespace verdict
