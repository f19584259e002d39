#include "services/classifier/batching/batch_scheduler.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace verdict {

// One Submit. Only the compute lane touches it once it is queued.
struct BatchScheduler::Job {
  std::vector<TokenSequence> sequences;
  CallContext context;
  Done done;
  absl::Time submitted;
  absl::Time first_batch = absl::InfiniteFuture();
  Logits logits;
  size_t answered = 0;

  bool finished() const { return done == nullptr; }
  void Finish(absl::StatusOr<Outcome> outcome) { std::exchange(done, nullptr)(std::move(outcome)); }
};

BatchScheduler::BatchScheduler(std::unique_ptr<Backend> backend, Options options)
    : backend_(std::move(backend)), info_(backend_->info()), options_(std::move(options)), lane_([this] { Run(); }) {}

BatchScheduler::~BatchScheduler() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_one();
  lane_.join();
  for (const Item& item : queue_) {
    if (!item.job->finished()) item.job->Finish(absl::UnavailableError("the service is stopping"));
  }
}

void BatchScheduler::Submit(std::vector<TokenSequence> sequences, const CallContext& context, Done done) {
  auto job = std::make_shared<Job>();
  job->sequences = std::move(sequences);
  job->context = context;
  job->done = std::move(done);
  job->submitted = options_.now();
  job->logits.rows = static_cast<int>(job->sequences.size());
  job->logits.columns = info_.num_labels;
  job->logits.values.resize(job->sequences.size() * static_cast<size_t>(info_.num_labels));
  {
    const std::lock_guard lock(mutex_);
    for (size_t i = 0; i < job->sequences.size(); ++i) queue_.push_back({job, i});
  }
  work_.notify_one();
}

void BatchScheduler::Run() {
  for (;;) {
    const std::vector<Item> batch = TakeBatch();
    if (batch.empty()) return;
    RunBatch(batch);
  }
}

absl::Status BatchScheduler::Unwanted(const Job& job) const {
  if (job.context.IsCancelled()) return absl::CancelledError("the caller went away");
  if (options_.now() >= job.context.deadline) return absl::DeadlineExceededError("the deadline passed while the request waited");
  return absl::OkStatus();
}

// Empty only when the scheduler stops.
std::vector<BatchScheduler::Item> BatchScheduler::TakeBatch() {
  std::vector<Item> batch;
  int64_t tokens = 0;
  std::unique_lock lock(mutex_);
  while (batch.empty()) {
    work_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return batch;
    while (!queue_.empty()) {
      Job& job = *queue_.front().job;
      if (!job.finished()) {
        if (absl::Status status = Unwanted(job); !status.ok()) {
          const std::shared_ptr<Job> kept = queue_.front().job;
          lock.unlock();  // `done` may submit again
          kept->Finish(std::move(status));
          lock.lock();
          continue;  // the front is finished now, and goes
        }
        const auto length = static_cast<int64_t>(job.sequences[queue_.front().index].ids.size());
        if (!batch.empty() && tokens + length > options_.max_batch_tokens) return batch;
        tokens += length;
        batch.push_back(queue_.front());
      }
      queue_.pop_front();
    }
  }
  return batch;
}

void BatchScheduler::RunBatch(const std::vector<Item>& batch) {
  const absl::Time start = options_.now();
  std::vector<const TokenSequence*> sequences;
  for (const Item& item : batch) {
    item.job->first_batch = std::min(item.job->first_batch, start);
    sequences.push_back(&item.job->sequences[item.index]);
  }
  absl::StatusOr<Logits> logits = backend_->Forward(sequences);
  const absl::Time end = options_.now();
  if (logits.ok() && (logits->rows != static_cast<int>(batch.size()) || logits->columns != info_.num_labels)) {
    logits = absl::InternalError(
        absl::StrCat("the backend answered [", logits->rows, ", ", logits->columns, "] for ", batch.size(), " texts"));
  }
  if (!logits.ok() && batch.size() > 1) {
    // One text that the backend cannot take must not fail its neighbours.
    for (const Item& item : batch) {
      if (!item.job->finished()) RunBatch({item});
    }
    return;
  }
  for (size_t i = 0; i < batch.size(); ++i) {
    Job& job = *batch[i].job;
    if (job.finished()) continue;  // an earlier sequence of it failed
    if (!logits.ok()) {
      job.Finish(logits.status());
      continue;
    }
    const float* row = logits->row(static_cast<int>(i));
    std::copy(row, row + info_.num_labels,
              job.logits.values.begin() + static_cast<std::ptrdiff_t>(batch[i].index) * info_.num_labels);
    if (++job.answered == job.sequences.size()) {
      job.Finish(Outcome{std::move(job.logits), job.first_batch - job.submitted, end - job.first_batch});
    }
  }
}

}  // namespace verdict
