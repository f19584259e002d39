// The part of the scheduler that decides what is queued.
#include <algorithm>
#include <random>

#include "absl/strings/str_cat.h"
#include "common/retry_delay.h"
#include "services/classifier/batching/batch_scheduler.h"

namespace verdict {
namespace {

// Of the time to its deadline, how much a request's answer may be predicted to take; the rest is for predictions gone wrong, for
// the way back, and for clients whose turn comes before that of what waits. What has been tokenised is let in more easily: its
// number of tokens is no guess any more, and to refuse it would waste that work.
constexpr double kBeforeTokenising = 0.8, kAfterTokenising = 0.9;

// A request that takes long itself may wait as many times as long.
constexpr int kPatience = 4;

// A tenth of a second keeps callers from asking in a loop; after ten seconds the prediction says nothing any more.
constexpr absl::Duration kLeastDelay = absl::Milliseconds(100), kMostDelay = absl::Seconds(10);
constexpr double kMostJitter = 0.25;

std::string Seconds(absl::Duration duration) {
  return absl::StrCat(absl::FormatDuration(absl::Trunc(duration, absl::Milliseconds(1))));
}

}  // namespace

double BatchScheduler::RandomJitter() {
  thread_local std::minstd_rand random(std::random_device{}());
  return std::uniform_real_distribution<double>(0, 1)(random);
}

absl::Time BatchScheduler::Due(absl::Time deadline, absl::Time now) const { return std::min(deadline, now + options_.max_age); }

// At half the rate of the lanes: what comes meanwhile gets at least as much of them.
absl::Duration BatchScheduler::Spread() const { return 2 * predictor_.PerToken(); }

bool BatchScheduler::StartsAtOnce() const { return queue_.empty() && !wide_ && running_ < info_.lanes; }

absl::Duration BatchScheduler::Jittered(absl::Duration wait) const {
  return std::clamp(wait, kLeastDelay, kMostDelay) * (1 + kMostJitter * options_.jitter());
}

// Until the lanes come to the last of a request.
absl::Duration BatchScheduler::WaitOf(const Request& request, absl::Time now) const {
  const int64_t ahead = queue_.TokensAhead({.client = request.context.client,
                                            .due = Due(request.context.deadline, now),
                                            .tokens = request.tokens,
                                            .spread = Spread(),
                                            .deadline = request.context.deadline});
  return predictor_.UntilFree(now) + predictor_.ToCompute(ahead);
}

absl::Status BatchScheduler::Fits(const Request& request, Tokenised tokenised, absl::Time now) {
  const absl::Duration left = request.context.deadline - now;
  if (!predictor_.known() || StartsAtOnce() || request.context.accepted || left <= absl::ZeroDuration()) return absl::OkStatus();
  const absl::Duration wait = WaitOf(request, now);
  const absl::Duration own = predictor_.ToCompute(request.tokens);
  if (wait > std::max(options_.max_queue_wait, kPatience * own)) {
    return WithRetryDelay(
        absl::ResourceExhaustedError(absl::StrCat("overloaded: the request would wait for about ", Seconds(wait), ", and ",
                                                  Seconds(options_.max_queue_wait), " are allowed; try again later")),
        Jittered(wait));
  }
  // The batch that it rides in is more than it, but is kept short for callers in a hurry.
  const int64_t batch = std::min<int64_t>(options_.max_batch_tokens, (queue_.tokens() + request.tokens) / info_.lanes);
  const absl::Duration alone = predictor_.OnePass(request.tokens / std::max<int64_t>(request.sequences, 1));
  const absl::Duration pass = std::max(alone, std::min(predictor_.OnePass(batch), left / 2));
  // Of a large request, what comes later goes between its parts.
  const int64_t later = std::max<int64_t>(request.tokens - FairQueue::kTurn, 0);
  const absl::Duration between = predictor_.ToCompute(2 * later) * predictor_.Load(now);
  const absl::Duration answer = wait + std::max(own, pass) + between;
  if (answer <= left * (tokenised == Tokenised::kYes ? kAfterTokenising : kBeforeTokenising)) return absl::OkStatus();
  return WithRetryDelay(absl::ResourceExhaustedError(absl::StrCat("overloaded: the answer would take about ", Seconds(answer),
                                                                  ", and the deadline is in ", Seconds(left),
                                                                  "; try again later, or allow more time")),
                        Jittered(wait));
}

absl::Status BatchScheduler::Check(int64_t sequences, int64_t tokens, const CallContext& context) {
  const absl::Time now = options_.now();
  const std::lock_guard lock(mutex_);
  return Fits({sequences, tokens, context}, Tokenised::kNo, now);
}

absl::Duration BatchScheduler::PredictedWait() {
  const absl::Time now = options_.now();
  const CallContext anybody;
  const std::lock_guard lock(mutex_);
  return WaitOf({1, 1, anybody}, now);
}

QueueState BatchScheduler::Queue() {
  QueueState state{.model = options_.model, .predicted_wait = PredictedWait()};
  const std::lock_guard lock(mutex_);
  state.sequences = queue_.sequences();
  state.tokens = queue_.tokens();
  state.running = running_;
  return state;
}

absl::Duration BatchScheduler::RetryDelay() { return Jittered(PredictedWait()); }

}  // namespace verdict
