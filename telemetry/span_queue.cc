#include "telemetry/span_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "common/logging.h"
#include "common/steady_clock.h"

namespace verdict {
namespace {

// A receiver that asks for more patience is as good as away.
constexpr absl::Duration kMostRetryAfter = absl::Seconds(30);
// For ever, for a clock that counts nanoseconds.
constexpr absl::Duration kMostPatience = absl::Hours(24);

}  // namespace

SpanQueue::SpanQueue(std::unique_ptr<SpanExporter> exporter, const Options& options)
    : exporter_(std::move(exporter)), options_(options), thread_([this] { Run(); }) {}

SpanQueue::~SpanQueue() { Close(absl::InfinitePast()); }

void SpanQueue::Add(Span span) {
  const std::lock_guard lock(mutex_);
  if (closing_ || waiting_.size() + in_flight_ >= options_.capacity) {
    ++counts_.dropped_full;
    return;
  }
  waiting_.push_back(std::move(span));
  if (waiting_.size() == options_.batch) change_.notify_all();
}

SpanQueue::Counts SpanQueue::counts() const {
  const std::lock_guard lock(mutex_);
  Counts counts = counts_;
  counts.waiting = waiting_.size() + in_flight_;
  return counts;
}

void SpanQueue::Close(absl::Time deadline) {
  {
    Lock lock(mutex_);
    closing_ = true;
    change_.notify_all();
    const absl::Duration patience = std::clamp(deadline - SteadyNow(), absl::ZeroDuration(), kMostPatience);
    if (!ended_.wait_for(lock, absl::ToChronoNanoseconds(patience), [this] { return done_; })) {
      given_up_ = true;
      change_.notify_all();
    }
  }
  exporter_->Cancel();
  if (thread_.joinable()) thread_.join();
}

void SpanQueue::Run() {
  Lock lock(mutex_);
  for (;;) {
    change_.wait_for(lock, absl::ToChronoNanoseconds(options_.delay),
                     [this] { return closing_ || waiting_.size() >= options_.batch; });
    while (!waiting_.empty() && !given_up_) ExportBatch(lock);
    if (closing_) break;
  }
  counts_.dropped_failed += waiting_.size();
  waiting_.clear();
  done_ = true;
  ended_.notify_all();
}

// The first of those that wait, tried until they are taken or given up. Gives the lock back meanwhile.
void SpanQueue::ExportBatch(Lock& lock) {
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), options_.batch));
  const std::vector<Span> batch(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
  in_flight_ = batch.size();
  absl::Duration pause = options_.first_pause;
  SpanExporter::Outcome outcome;
  for (int tried = 1;; ++tried) {
    lock.unlock();
    outcome = exporter_->Export(batch, SteadyNow() + options_.timeout);
    Tell(outcome.status);
    lock.lock();
    if (outcome.status.ok()) break;
    ++counts_.failed_exports;
    pause = std::max(pause, std::min(outcome.retry_after, kMostRetryAfter));
    if (!outcome.retry || tried >= options_.tries || closing_) break;
    change_.wait_for(lock, absl::ToChronoNanoseconds(pause), [this] { return closing_; });  // then a last try
    pause = std::min(pause * 2, options_.longest_pause);
  }
  const auto rejected = static_cast<uint64_t>(outcome.status.ok() ? outcome.rejected : static_cast<int64_t>(batch.size()));
  counts_.dropped_failed += rejected;
  counts_.exported += batch.size() - std::min<uint64_t>(rejected, batch.size());
  in_flight_ = 0;
  given_up_ = given_up_ || (closing_ && !outcome.status.ok());
}

// Once when it begins to fail and once when it works again: a receiver that is away must not fill the log.
void SpanQueue::Tell(const absl::Status& status) {
  if (status.ok() != failing_) return;
  failing_ = !status.ok();
  if (failing_) {
    LogWarning("traces cannot be exported; requests are answered all the same", {{"error", status.message()}});
  } else {
    LogInfo("traces are exported again", {{"dropped", counts().dropped_full + counts().dropped_failed}});
  }
}

}  // namespace verdict
