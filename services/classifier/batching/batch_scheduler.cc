#include "services/classifier/batching/batch_scheduler.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace verdict {

BatchScheduler::BatchScheduler(std::unique_ptr<Backend> backend, Options options)
    : backend_(std::move(backend)),
      info_(backend_->info()),
      options_(std::move(options)),
      predictor_(info_.lanes, options_.max_batch_tokens) {
  try {
    for (int lane = 0; lane < info_.lanes; ++lane) lanes_.emplace_back([this, lane] { Run(lane); });
  } catch (...) {  // no more threads for this process: those that run must end before they are destroyed
    EndLanes();
    throw;
  }
}

void BatchScheduler::EndLanes() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  for (std::thread& lane : lanes_) lane.join();
}

BatchScheduler::~BatchScheduler() {
  EndLanes();
  for (; !queue_.empty(); queue_.Drop()) {
    Job& job = *queue_.First();
    if (!job.finished()) std::exchange(job.done, nullptr)(absl::UnavailableError("the service is stopping"));
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
  job->due = Due(context.deadline, job->submitted);
  Request request{.sequences = job->logits.rows, .context = context};
  for (size_t i = 0; i < job->sequences.size(); ++i) request.tokens += job->tokens(i);
  absl::Status fits;
  {
    const std::lock_guard lock(mutex_);
    fits = Fits(request, Tokenised::kYes, job->submitted);
    if (fits.ok()) {
      job->spread = Spread();
      predictor_.Arrived(std::min(request.tokens, FairQueue::kTurn), job->submitted);
      queue_.Push(job);
    }
  }
  if (!fits.ok()) return job->done(std::move(fits));
  work_.notify_one();
}

void BatchScheduler::Run(int index) {
  pthread_setname_np(pthread_self(), absl::StrCat("lane ", index).c_str());  // for who looks at the process
  for (;;) {
    const Batch batch = TakeBatch(index);
    if (batch.items.empty()) return;
    const Lane lane{.index = index, .wide = batch.wide};
    const absl::StatusOr<Logits> logits = Compute(batch.items, lane);
    if (logits.ok() || batch.items.size() == 1) {
      EndBatch(index, logits.ok());  // before the answers: whoever gets one may submit at once, and finds the lane free
      Observe(batch, lane, logits.ok());
      Answer(batch.items, logits);
      continue;
    }
    // One text that the backend cannot take must not fail its neighbours.
    for (const Item& item : batch.items) {
      if (!IsFinished(*item.job)) Answer({item}, Compute({item}, lane));
    }
    EndBatch(index, false);
    Observe(batch, lane, false);
  }
}

void BatchScheduler::Observe(const Batch& batch, const Lane& lane, bool ok) const {
  if (options_.observer == nullptr) return;
  FinishedBatch finished{.id = batch.id,
                         .model = options_.model,
                         .model_version = options_.model_version,
                         .sequences = static_cast<int>(batch.items.size()),
                         .lane = lane.index,
                         .wide = lane.wide,
                         .ok = ok,
                         .start = batch.start,
                         .end = options_.now()};
  for (const Item& item : batch.items) {
    const TraceContext& rider = item.job->context.trace;
    if (rider.sampled && (finished.riders.empty() || finished.riders.back() != &rider)) finished.riders.push_back(&rider);
    const int64_t tokens = item.job->tokens(item.index);
    finished.tokens += tokens;
    finished.longest = std::max(finished.longest, tokens);
  }
  options_.observer->OnBatch(finished);
}

void BatchScheduler::EndBatch(int index, bool ok) {
  const std::lock_guard lock(mutex_);
  predictor_.Ended(index, ok, options_.now());
  --running_;
  if (std::exchange(wide_, false)) work_.notify_all();  // who woke meanwhile went to sleep again
}

absl::Status BatchScheduler::Unwanted(const Job& job) const {
  if (job.context.IsCancelled()) return absl::CancelledError("the caller went away");
  if (options_.now() >= job.context.deadline) return absl::DeadlineExceededError("the deadline passed while the request waited");
  if (IsHopeless(job)) return absl::DeadlineExceededError("the deadline would have passed before the request was computed");
  return absl::OkStatus();
}

// Whether the answer would be late if everything else waited for it. Of no importance where nothing else waits.
bool BatchScheduler::IsHopeless(const Job& job) const {
  if (!queue_.contended() || job.finished()) return false;
  const absl::Duration least = std::max(predictor_.ToCompute(job.waiting_tokens), predictor_.OnePass(job.tokens(job.next)));
  return options_.now() + least > job.context.deadline;
}

bool BatchScheduler::IsFinished(const Job& job) {
  const std::lock_guard lock(mutex_);
  return job.finished();
}

bool BatchScheduler::DropUnwanted(Lock& lock) {
  const std::shared_ptr<Job> job = queue_.First();
  absl::Status status = job->finished() ? absl::OkStatus() : Unwanted(*job);
  if (!job->finished() && status.ok()) return false;
  queue_.Drop();
  if (job->finished()) return true;  // a sequence of it failed
  Done done = std::exchange(job->done, nullptr);
  lock.unlock();  // `done` may submit again
  done(std::move(status));
  lock.lock();
  return true;
}

bool BatchScheduler::TakeNext(std::vector<Item>& items, std::optional<int64_t> room) {
  const std::shared_ptr<Job>& job = queue_.First();
  if (room && job->tokens(job->next) > *room) return false;
  items.push_back(queue_.TakeSequence());
  return true;
}

// Of what waits, for one lane. Shares become smaller as less is left, so that the lanes end together; but a lane that is free
// while all others run takes enough to be worth a batch.
int64_t BatchScheduler::Share() const {
  constexpr int64_t kWorthABatch = 256;
  const auto divided = [this](int64_t by) { return (queue_.tokens() + by - 1) / by; };
  return std::max(divided(info_.lanes), std::min(divided(info_.lanes - running_), kWorthABatch));
}

// Of tokens for a batch, as many as end before the first sequence's deadline: a full batch may take longer than a caller in a
// hurry has. Not fewer than make a batch efficient.
int64_t BatchScheduler::InTime(int64_t room, const Job& first, absl::Time now) const {
  constexpr int64_t kEfficient = 64;
  const absl::Duration left = first.context.deadline - now;
  const absl::Duration pass = predictor_.OnePass(room);
  if (pass <= left || room <= kEfficient) return room;
  return std::max(kEfficient, static_cast<int64_t>(static_cast<double>(room) * absl::FDivDuration(left, pass)));
}

BatchScheduler::Batch BatchScheduler::TakeBatch(int index) {
  Batch batch;
  Lock lock(mutex_);
  while (batch.items.empty()) {
    work_.wait(lock, [this] { return stopping_ || (!queue_.empty() && !wide_); });
    if (stopping_) return batch;
    while (!queue_.empty() && DropUnwanted(lock)) {
    }
    if (queue_.empty() || wide_ || stopping_) continue;  // the lock was given back meanwhile
    // Fewer sequences than lanes leave processors idle, unless they take them together.
    batch.wide =
        info_.lanes == 1 || (running_ == 0 && queue_.sequences() < info_.lanes && queue_.tokens() >= info_.wide_from_tokens);
    int64_t room = std::min<int64_t>(options_.max_batch_tokens, batch.wide ? queue_.tokens() : Share());
    room = InTime(room, *queue_.First(), options_.now());
    TakeNext(batch.items, std::nullopt);
    room -= batch.items[0].job->tokens(batch.items[0].index);
    // Counted before the lock is given back, so that no other lane takes the batch for the only one.
    ++running_;
    wide_ = batch.wide;
    while (!queue_.empty()) {
      if (DropUnwanted(lock)) continue;
      if (!TakeNext(batch.items, room)) break;
      room -= batch.items.back().job->tokens(batch.items.back().index);
    }
  }
  if (!queue_.empty() && !wide_) work_.notify_one();  // a request of many sequences has woken one lane
  batch.start = options_.now();
  if (options_.observer != nullptr) batch.id = options_.observer->NextBatch();
  int64_t tokens = 0;
  for (const Item& item : batch.items) {
    Job& job = *item.job;
    tokens += job.tokens(item.index);
    job.first_batch = std::min(job.first_batch, batch.start);
    if (batch.id != 0 && (job.batches.empty() || job.batches.back() != batch.id)) job.batches.push_back(batch.id);
  }
  predictor_.Began(index, tokens, batch.wide, batch.start);
  return batch;
}

absl::StatusOr<Logits> BatchScheduler::Compute(const std::vector<Item>& items, const Lane& lane) {
  std::vector<const TokenSequence*> sequences;
  sequences.reserve(items.size());
  for (const Item& item : items) sequences.push_back(&item.job->sequences[item.index]);
  absl::StatusOr<Logits> logits = backend_->Forward(sequences, lane);
  if (logits.ok() && (logits->rows != static_cast<int>(items.size()) || logits->columns != info_.num_labels)) {
    return absl::InternalError(
        absl::StrCat("the backend answered [", logits->rows, ", ", logits->columns, "] for ", items.size(), " texts"));
  }
  return logits;
}

void BatchScheduler::Answer(const std::vector<Item>& items, const absl::StatusOr<Logits>& logits) {
  const absl::Time end = options_.now();
  for (size_t i = 0; i < items.size(); ++i) {
    Job& job = *items[i].job;
    Lock lock(mutex_);
    if (job.finished()) continue;  // another sequence of it failed
    if (!logits.ok()) {
      Done done = std::exchange(job.done, nullptr);
      lock.unlock();
      done(logits.status());
      continue;
    }
    const float* row = logits->row(static_cast<int>(i));
    std::copy(row, row + info_.num_labels,
              job.logits.values.begin() + static_cast<std::ptrdiff_t>(items[i].index) * info_.num_labels);
    if (++job.answered < job.sequences.size()) continue;
    Done done = std::exchange(job.done, nullptr);
    lock.unlock();
    done(Outcome{std::move(job.logits), job.first_batch - job.submitted, end - job.first_batch, std::move(job.batches)});
  }
}

}  // namespace verdict
