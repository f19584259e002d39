#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/steady_clock.h"
#include "services/classifier/api/backend.h"
#include "services/classifier/api/classifier.h"
#include "services/classifier/api/classify_observer.h"

namespace verdict {

// Runs the sequences of many requests through one backend, several requests in one batch. Each lane of the backend has a thread
// that takes what waits and never waits for more to come. A lone sequence gets all processors, unless it is done before they are
// awake; when several wait, the lanes share them, one processor each, which answers more of them in the same time. Who is due
// first goes first: at the deadline, or `max_age` after Submit, whichever is earlier, so that no text waits for ever behind
// others that are in a hurry. Sequences whose caller has gone or whose deadline has passed never reach the backend. Thread-safe.
class BatchScheduler {
 public:
  struct Options {
    int max_batch_tokens = 1024;  // of one batch; a longer sequence goes alone
    absl::Duration max_age = absl::Seconds(1);
    // Who is told of every batch, and of which model they are; null: nobody.
    ClassifyObserver* observer = nullptr;
    std::string model = {};
    std::string model_version = {};
    // The clock; a test sets its own.
    std::function<absl::Time()> now = SteadyNow;
  };

  // The logits of one request's sequences, in order, and what they waited for.
  struct Outcome {
    Logits logits;
    absl::Duration queue;                // from Submit to the start of the first batch
    absl::Duration compute;              // from the start of the first batch to the end of the last
    std::vector<uint64_t> batches = {};  // their numbers, where somebody observes
  };
  using Done = absl::AnyInvocable<void(absl::StatusOr<Outcome>)>;

  // Throws std::system_error where the process may have no more threads.
  BatchScheduler(std::unique_ptr<Backend> backend, Options options);
  // Answers what still waits with kUnavailable, after the batches that run.
  ~BatchScheduler();
  BatchScheduler(const BatchScheduler&) = delete;
  BatchScheduler& operator=(const BatchScheduler&) = delete;

  const BackendInfo& info() const { return info_; }

  // Queues `sequences` (not empty); calls `done` once, on the thread of a lane. Errors: kDeadlineExceeded, kCancelled,
  // kUnavailable when the scheduler is being destroyed, and the backend's.
  void Submit(std::vector<TokenSequence> sequences, const CallContext& context, Done done);

 private:
  struct Job;
  // One sequence of a job.
  struct Item {
    std::shared_ptr<Job> job;
    size_t index;
  };
  struct Batch {
    std::vector<Item> items;  // none: the scheduler stops
    bool wide = false;
    uint64_t id = 0;  // 0: nobody observes
    absl::Time start = absl::InfinitePast();
  };
  // When it is due, then in order of arrival.
  using Place = std::pair<absl::Time, uint64_t>;
  using Lock = std::unique_lock<std::mutex>;

  void Run(int index);
  void EndLanes();
  Batch TakeBatch();
  int64_t Share() const;
  // Takes the first sequence in line if it has at most `room` tokens, or of any length.
  bool TakeNext(std::vector<Item>& items, std::optional<int64_t> room);
  // Answers the first in line when it is not wanted any more. Gives the lock back meanwhile.
  bool DropUnwanted(Lock& lock);
  absl::StatusOr<Logits> Compute(const std::vector<Item>& items, const Lane& lane);
  void EndBatch();
  void Observe(const Batch& batch, const Lane& lane, bool ok) const;
  void Answer(const std::vector<Item>& items, const absl::StatusOr<Logits>& logits);
  bool IsFinished(const Job& job);
  absl::Status Unwanted(const Job& job) const;

  const std::unique_ptr<Backend> backend_;
  const BackendInfo info_;
  const Options options_;
  std::mutex mutex_;  // guards what follows, and the jobs
  std::condition_variable work_;
  std::map<Place, std::shared_ptr<Job>> queue_;
  uint64_t arrivals_ = 0;
  int64_t waiting_sequences_ = 0, waiting_tokens_ = 0;
  int running_ = 0;    // batches
  bool wide_ = false;  // the one that runs has all processors
  bool stopping_ = false;
  std::vector<std::thread> lanes_;  // last: start when everything else is there
};

}  // namespace verdict
