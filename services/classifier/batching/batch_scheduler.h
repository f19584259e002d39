#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/steady_clock.h"
#include "services/classifier/api/backend.h"
#include "services/classifier/api/classifier.h"
#include "services/classifier/api/classify_observer.h"
#include "services/classifier/api/queue_state.h"
#include "services/classifier/batching/fair_queue.h"
#include "services/classifier/batching/job.h"
#include "services/classifier/batching/wait_predictor.h"

namespace verdict {

// Runs the sequences of many requests through one backend, several requests in one batch. Each lane of the backend has a thread
// that takes what waits and never waits for more to come. A lone sequence gets all processors, unless it is done before they are
// awake; when several wait, the lanes share them, one processor each, which answers more of them in the same time. Who is due
// first goes first: at the deadline, or `max_age` after Submit, whichever is earlier, so that no text waits for ever behind
// others that are in a hurry; FairQueue says how clients and large requests share. Sequences whose caller has gone or whose
// deadline has passed, or would before they are computed, never reach the backend.
//
// A request that is predicted not to be answered in time is refused rather than queued, so that what is queued is answered.
// Nothing is refused that a lane could begin at once: a prediction gone wrong is put right by the passes that run then.
// Thread-safe.
class BatchScheduler {
 public:
  struct Options {
    int max_batch_tokens = 1024;  // of one batch; a longer sequence goes alone
    absl::Duration max_age = absl::Seconds(1);
    // The longest that a request is queued for, by the prediction; one that takes long itself may wait four times as long as it
    // takes. Infinite: only the deadline counts.
    absl::Duration max_queue_wait = absl::InfiniteDuration();
    // Who is told of every batch, and of which model they are; null: nobody.
    ClassifyObserver* observer = nullptr;
    std::string model = {};
    std::string model_version = {};
    // The clock; a test sets its own.
    std::function<absl::Time()> now = SteadyNow;
    // Uniform in [0, 1): spreads the moments at which those that are refused try again.
    std::function<double()> jitter = RandomJitter;
  };

  using Outcome = BatchOutcome;
  using Done = absl::AnyInvocable<void(absl::StatusOr<Outcome>)>;

  // Throws std::system_error where the process may have no more threads.
  BatchScheduler(std::unique_ptr<Backend> backend, Options options);
  // Answers what still waits with kUnavailable, after the batches that run.
  ~BatchScheduler();
  BatchScheduler(const BatchScheduler&) = delete;
  BatchScheduler& operator=(const BatchScheduler&) = delete;

  const BackendInfo& info() const { return info_; }

  // Whether a request of about so many tokens in so many sequences would be queued now; to be asked before its texts are
  // tokenised. Errors: kResourceExhausted with a RetryDelayOf (common/retry_delay.h), the wait that was predicted.
  absl::Status Check(int64_t sequences, int64_t tokens, const CallContext& context);

  // What a request of one token would wait now before it is computed.
  absl::Duration PredictedWait();

  // What waits now, and the same prediction.
  QueueState Queue();

  // What a refused request is told to wait: the same, at least 100 ms and at most 10 s, and up to a quarter more.
  absl::Duration RetryDelay();

  // Queues `sequences` (not empty); calls `done` once, on the thread of a lane or, where it is refused, on this. Errors: those of
  // Check, kDeadlineExceeded, kCancelled, kUnavailable when the scheduler is being destroyed, and the backend's.
  void Submit(std::vector<TokenSequence> sequences, const CallContext& context, Done done);

 private:
  using Item = BatchItem;
  struct Batch {
    std::vector<Item> items;  // none: the scheduler stops
    bool wide = false;
    uint64_t id = 0;  // 0: nobody observes
    absl::Time start = absl::InfinitePast();
  };
  // What a request asks of the lanes.
  struct Request {
    int64_t sequences = 0, tokens = 0;
    const CallContext& context;
  };
  enum class Tokenised { kNo, kYes };
  using Lock = std::unique_lock<std::mutex>;

  static double RandomJitter();
  absl::Time Due(absl::Time deadline, absl::Time now) const;
  absl::Duration Spread() const;
  bool StartsAtOnce() const;
  absl::Duration WaitOf(const Request& request, absl::Time now) const;
  absl::Status Fits(const Request& request, Tokenised tokenised, absl::Time now);
  absl::Duration Jittered(absl::Duration wait) const;

  void Run(int index);
  void EndLanes();
  Batch TakeBatch(int index);
  int64_t Share() const;
  int64_t InTime(int64_t room, const Job& first, absl::Time now) const;
  // Takes the first sequence in line if it has at most `room` tokens, or of any length.
  bool TakeNext(std::vector<Item>& items, std::optional<int64_t> room);
  // Answers the first in line when it is not wanted any more. Gives the lock back meanwhile.
  bool DropUnwanted(Lock& lock);
  absl::StatusOr<Logits> Compute(const std::vector<Item>& items, const Lane& lane);
  void EndBatch(int index, bool ok);
  void Observe(const Batch& batch, const Lane& lane, bool ok) const;
  void Answer(const std::vector<Item>& items, const absl::StatusOr<Logits>& logits);
  bool IsFinished(const Job& job);
  absl::Status Unwanted(const Job& job) const;
  bool IsHopeless(const Job& job) const;

  const std::unique_ptr<Backend> backend_;
  const BackendInfo info_;
  const Options options_;
  std::mutex mutex_;  // guards what follows, and the jobs
  std::condition_variable work_;
  FairQueue queue_;
  WaitPredictor predictor_;
  int running_ = 0;    // batches
  bool wide_ = false;  // the one that runs has all processors
  bool stopping_ = false;
  std::vector<std::thread> lanes_;  // last: start when everything else is there
};

}  // namespace verdict
