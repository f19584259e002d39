#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/classifier/api/classifier.h"

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
  std::string_view model = {};  // that answered; of a failure the one asked for, any text of the caller's, empty: the default
  std::string_view model_version = {};      // the same
  int64_t inputs = 0;                       // 0: the request could not be read
  absl::Time start = absl::InfinitePast();  // when the request had arrived
  absl::Time end = absl::InfinitePast();    // when its answer was there
  absl::Status status = absl::OkStatus();   // before what callers are not told is taken out of it
  std::string_view reason = {};             // as ErrorInfo has it, "OVERLOADED"; empty: OK
  // Results, phases (tokenising begins at about `start`, then queue, then compute) and the batches; null: there is a failure.
  const ClassifyResponse* response = nullptr;
};

// A forward pass that is over. Who rode in it is known by ClassifyResponse::batches, whose calls end later.
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
};

// A model that came, went, or did not come.
struct ModelChange {
  enum class Kind { kLoaded, kNotLoaded, kUnloaded };
  Kind kind = Kind::kLoaded;
  std::string_view model = {};
  std::string_view model_version = {};     // empty unless loaded
  absl::Duration took = {};                // of a load, failed or not
  absl::Status status = absl::OkStatus();  // why not
};

// Watches the service: for metrics, traces and logs. Called on the threads that do the work, also at the same time, so
// implementations are thread-safe, quick and never wait. They outlive whatever calls them.
class ClassifyObserver {
 public:
  virtual ~ClassifyObserver() = default;

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
