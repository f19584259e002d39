#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "services/classifier/api/backend.h"
#include "services/classifier/api/classifier.h"

namespace verdict {

// Runs the sequences of many requests through one backend, several requests in one batch. One thread, the compute lane, takes
// what waits, oldest first, up to a budget of tokens, and never waits for more to come: an idle lane starts a lone request at
// once, and while a batch runs the next one gathers. Sequences whose caller has gone or whose deadline has passed never reach the
// backend. Thread-safe.
class BatchScheduler {
 public:
  struct Options {
    int max_batch_tokens = 4096;  // of one batch; a longer sequence goes alone
    // The clock; a test sets its own.
    std::function<absl::Time()> now = absl::Now;
  };

  // The logits of one request's sequences, in order, and what they waited for.
  struct Outcome {
    Logits logits;
    absl::Duration queue;    // from Submit to the start of the first batch
    absl::Duration compute;  // from the start of the first batch to the end of the last
  };
  using Done = absl::AnyInvocable<void(absl::StatusOr<Outcome>)>;

  // `backend` is called on the compute lane only.
  BatchScheduler(std::unique_ptr<Backend> backend, Options options);
  // Answers what still waits with kUnavailable, after the batch that runs.
  ~BatchScheduler();
  BatchScheduler(const BatchScheduler&) = delete;
  BatchScheduler& operator=(const BatchScheduler&) = delete;

  const BackendInfo& info() const { return info_; }

  // Queues `sequences` (not empty); calls `done` once, on the compute lane. Errors: kDeadlineExceeded, kCancelled, kUnavailable
  // when the scheduler is being destroyed, and the backend's.
  void Submit(std::vector<TokenSequence> sequences, const CallContext& context, Done done);

 private:
  struct Job;
  // One sequence of a job.
  struct Item {
    std::shared_ptr<Job> job;
    size_t index;
  };

  void Run();
  std::vector<Item> TakeBatch();
  void RunBatch(const std::vector<Item>& batch);
  absl::Status Unwanted(const Job& job) const;

  const std::unique_ptr<Backend> backend_;
  const BackendInfo info_;
  const Options options_;
  std::mutex mutex_;
  std::condition_variable work_;
  std::deque<Item> queue_;
  bool stopping_ = false;
  std::thread lane_;  // last: starts when everything else is there
};

}  // namespace verdict
