#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "services/classifier/api/classify_observer.h"

namespace verdict {

// Keeps what it is told, in strings of its own. Thread-safe.
class RecordingObserver : public ClassifyObserver {
 public:
  struct Call {
    CallMethod method;
    std::string request_id, trace_parent, model, model_version, reason;
    int64_t inputs;
    absl::Duration took;
    absl::Status status;
    ClassifyResponse response;  // of a failure: empty
  };
  struct Batch {
    uint64_t id;
    std::string model, model_version;
    int sequences;
    int64_t tokens, longest;
    bool ok;
    absl::Duration took;
  };
  struct Change {
    ModelChange::Kind kind;
    std::string model, model_version;
    absl::Status status;
  };

  void OnCall(const FinishedCall& call) override {
    const std::lock_guard lock(mutex_);
    calls_.push_back({call.method, std::string(call.request_id), std::string(call.trace_parent), std::string(call.model),
                      std::string(call.model_version), std::string(call.reason), call.inputs, call.end - call.start, call.status,
                      call.response ? *call.response : ClassifyResponse()});
    changed_.notify_all();
  }
  void OnBatch(const FinishedBatch& batch) override {
    const std::lock_guard lock(mutex_);
    batches_.push_back({batch.id, std::string(batch.model), std::string(batch.model_version), batch.sequences, batch.tokens,
                        batch.longest, batch.ok, batch.end - batch.start});
  }
  void OnModel(const ModelChange& change) override {
    const std::lock_guard lock(mutex_);
    changes_.push_back({change.kind, std::string(change.model), std::string(change.model_version), change.status});
  }

  std::vector<Call> AwaitCalls(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return calls_.size() >= count; });
    return calls_;
  }
  std::vector<Call> calls() { return AwaitCalls(0); }
  std::vector<Batch> batches() {
    const std::lock_guard lock(mutex_);
    return batches_;
  }
  std::vector<Change> changes() {
    const std::lock_guard lock(mutex_);
    return changes_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Call> calls_;
  std::vector<Batch> batches_;
  std::vector<Change> changes_;
};

}  // namespace verdict
