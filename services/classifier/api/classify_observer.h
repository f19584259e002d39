#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/classifier/api/classifier.h"
#include "telemetry/trace_context.h"

namespace verdict {

// Where a call came from. A request of a stream counts as a call.
enum class CallMethod { kClassify, kStreamClassify, kModelInfer };

// "verdict.v1.Classifier/Classify" and so on; static.
constexpr std::string_view NameOf(CallMethod method) {
  switch (method) {
    case CallMethod::kClassify:
      return "verdict.v1.Classifier/Classify";
    case CallMethod::kStreamClassify:
      return "verdict.v1.Classifier/StreamClassify";
    case CallMethod::kModelInfer:
      return "inference.GRPCInferenceService/ModelInfer";
  }
  return "";
}

// A call that is over. What it points to lives as long as OnCall runs. Times, here and below, are by SteadyNow.
struct FinishedCall {
  CallMethod method = CallMethod::kClassify;
  std::string_view request_id = {};    // empty: the caller gave none
  std::string_view trace_parent = {};  // the caller's `traceparent` as it came, unchecked, up to 256 bytes
  std::string_view caller = {};        // whose credential it had; empty: nobody is known
  std::string_view model = {};  // that answered; of a failure the one asked for, any text of the caller's, empty: the default
  std::string_view model_version = {};              // the same
  int64_t inputs = 0;                               // 0: the request could not be read
  absl::Time start = absl::InfinitePast();          // when the request had arrived
  absl::Time end = absl::InfinitePast();            // when its answer was there
  absl::Status status = absl::OkStatus();           // before what callers are not told is taken out of it
  std::string_view reason = {};                     // as ErrorInfo has it, "OVERLOADED"; empty: OK
  TraceContext trace = {};                          // of its own span, as OnCallBegun said
  const std::vector<std::string>* texts = nullptr;  // the beginning of what was asked about, where text_bytes() asks for it
  // Results, phases (tokenising begins at about `start`, then queue, then compute) and the batches; null: there is a failure.
  const ClassifyResponse* response = nullptr;
};

// A forward pass that is over. The calls that rode in it, whose ClassifyResponse::batches name it, end later.
struct FinishedBatch {
  uint64_t id = 0;  // of this process, over all models
  std::string_view model = {};
  std::string_view model_version = {};
  int sequences = 0;
  int64_t tokens = 0;   // of all sequences, special tokens included
  int64_t longest = 0;  // tokens of the longest; a padded batch would compute sequences * longest
  int lane = 0;
  bool wide = true;  // on all processors
  bool ok = true;    // false: the backend failed, and the sequences ran again one by one within `end`
  absl::Time start = absl::InfinitePast();
  absl::Time end = absl::InfinitePast();
  std::vector<const TraceContext*> riders = {};  // of the calls that are traced, each once
};

// A model that came, went, or did not come.
struct ModelChange {
  enum class Kind { kLoaded, kNotLoaded, kUnloaded };
  Kind kind = Kind::kLoaded;
  std::string_view model = {};
  std::string_view model_version = {};               // empty unless loaded
  absl::Duration took = {};                          // of a load, failed or not
  absl::Status status = absl::OkStatus();            // why not
  const std::vector<std::string>* labels = nullptr;  // of a loaded model, in its order
};

// Watches the service: for metrics, traces and logs. Called on the threads that do the work, also at the same time, so
// implementations are thread-safe, quick and never wait. They outlive whatever calls them.
class ClassifyObserver {
 public:
  virtual ~ClassifyObserver() = default;

  // A call begins whose caller's span is `caller`, where that is valid: what becomes FinishedCall::trace. The first of several
  // observers that answers with a valid one counts.
  virtual TraceContext OnCallBegun(const TraceContext& /*caller*/) { return {}; }
  // How much of a call's texts FinishedCall::texts shall hold, in bytes.
  virtual size_t text_bytes() const { return 0; }

  virtual void OnCall(const FinishedCall& /*call*/) {}  // before its caller gets the answer
  virtual void OnBatch(const FinishedBatch& /*batch*/) {}
  virtual void OnModel(const ModelChange& /*change*/) {}

  // Numbers batches from 1 on.
  uint64_t NextBatch() { return batches_.fetch_add(1, std::memory_order_relaxed) + 1; }

 private:
  std::atomic<uint64_t> batches_ = 0;
};

// Tells several observers, in their order.
class ClassifyObservers final : public ClassifyObserver {
 public:
  explicit ClassifyObservers(std::vector<ClassifyObserver*> observers) : observers_(std::move(observers)) {}

  TraceContext OnCallBegun(const TraceContext& caller) override {
    for (ClassifyObserver* observer : observers_) {
      if (TraceContext context = observer->OnCallBegun(caller); context.valid()) return context;
    }
    return {};
  }
  size_t text_bytes() const override {
    size_t most = 0;
    for (const ClassifyObserver* observer : observers_) most = std::max(most, observer->text_bytes());
    return most;
  }
  void OnCall(const FinishedCall& call) override {
    for (ClassifyObserver* observer : observers_) observer->OnCall(call);
  }
  void OnBatch(const FinishedBatch& batch) override {
    for (ClassifyObserver* observer : observers_) observer->OnBatch(batch);
  }
  void OnModel(const ModelChange& change) override {
    for (ClassifyObserver* observer : observers_) observer->OnModel(change);
  }

  // For whom it watches: null where there is nobody, so that nothing is gathered.
  ClassifyObserver* OrNull() { return observers_.empty() ? nullptr : this; }

 private:
  const std::vector<ClassifyObserver*> observers_;
};

}  // namespace verdict
