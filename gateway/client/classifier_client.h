#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gateway/client/models_query.h"

namespace verdict {

// A classification as the dialects see it: the contents of verdict.v1.ClassifyRequest, without its types.
struct ClassifyCall {
  struct Input {
    std::string text;
    std::optional<std::string> text_pair;
  };
  enum class Function { kModelDefault, kSoftmax, kSigmoid, kNone };
  enum class Truncation { kDefault, kHead, kTail, kHeadTail, kError };

  std::string model;
  std::string model_version;
  std::vector<Input> inputs;
  int top_k = 0;  // 0: all labels
  Function function_to_apply = Function::kModelDefault;
  Truncation truncation_policy = Truncation::kDefault;
};

struct ClassifyReply {
  struct Label {
    std::string label;
    float score = 0;
    int label_id = 0;
  };
  // What a step of a cascade came to.
  struct CascadeStep {
    std::string model;  // empty: the fallback label
    std::string model_version;
    std::string label;
    float score = 0;
    std::string_view outcome;  // "answered", "passed_on_by_label", "passed_on_by_score", "not_loaded", "fallback"; static
  };
  struct Result {
    std::vector<Label> labels;  // by descending score
    int tokens = 0;
    bool truncated = false;
    int tokens_dropped = 0;
    std::vector<CascadeStep> cascade_steps;  // empty unless a cascade answered
  };
  std::vector<Result> results;  // one per input, same order
  std::string model;
  std::string model_version;
  absl::Duration total, tokenize, queue, compute;
};

struct CallOptions {
  absl::Time deadline = absl::InfiniteFuture();  // by SteadyNow()
  std::string request_id;                        // sent as metadata x-request-id
  std::string inference_id = {};                 // SageMaker's, as x-amzn-sagemaker-inference-id; empty: not sent
  std::string trace_parent = {};                 // W3C's, as traceparent; empty: not sent
  std::string trace_state = {};                  // the tracestate that goes with it; empty: not sent
  std::string client_id = {};                    // who asks, as x-client-id; empty: not sent
};

// Cancels a call that is under way; may be called at any time, from any thread, more than once.
using CancelCall = absl::AnyInvocable<void()>;

// The gateway's view of verdict-service. Thread-safe. Errors are those of verdict.v1.Classifier; a service that cannot be reached
// is kUnavailable.
class ClassifierClient {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<ClassifyReply>)>;

  virtual ~ClassifierClient() = default;

  // Starts the call; `done` runs exactly once, on any thread, possibly before Classify returns.
  virtual CancelCall Classify(ClassifyCall call, CallOptions options,
                              absl::AnyInvocable<void(absl::StatusOr<ClassifyReply>)> done) = 0;

  // Asks the service's health (grpc.health.v1, service "verdict.v1.Classifier"): OkStatus when it serves, kDeadlineExceeded
  // when no answer came by the deadline, else kUnavailable; both with why.
  virtual void CheckHealth(absl::Time deadline, absl::AnyInvocable<void(absl::Status)> done) = 0;

  // Asks about the models, or has one loaded or unloaded; `done` as with Classify. One model of kGet and kLoad, none of kUnload.
  // Errors are those of verdict.v1.Models.
  using ModelsDone = absl::AnyInvocable<void(absl::StatusOr<std::vector<ModelDescription>>)>;
  virtual void QueryModels(ModelsQuery query, CallOptions options, ModelsDone done) = 0;
};

}  // namespace verdict
