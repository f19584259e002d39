#include "gateway/client/replicated_classifier_client.h"

#include <algorithm>
#include <mutex>
#include <tuple>
#include <utility>

#include "common/logging.h"
#include "common/steady_clock.h"
#include "gateway/client/call_failure.h"

namespace verdict {
namespace {

// How long a replica that could not take a call stands behind the others; its health check tells sooner that it is well.
constexpr absl::Duration kRest = absl::Seconds(1);

// Between two questions to one that may be back at any moment.
constexpr absl::Duration kSoon = absl::Milliseconds(100);

constexpr absl::Duration kNoMore = -absl::Seconds(1);

absl::Status Hung() { return absl::UnavailableError("the classification service has stopped answering"); }

}  // namespace

// One classification, over all its tries.
struct ReplicatedClassifierClient::Call {
  Call(ClassifyCall c, CallOptions o, Done d) : call(std::move(c)), options(std::move(o)), done(std::move(d)) {}

  // The try under way belongs to `cancel` only until the next one begins.
  void SetCancel(int of_try, CancelCall cancel) {
    bool now = false;
    {
      const std::lock_guard lock(mutex);
      if (of_try != tries) return;
      cancel_try = std::move(cancel);
      now = cancelled || taken_away;
    }
    if (now) CancelTry();
  }
  void CancelTry() {
    CancelCall cancel;
    {
      const std::lock_guard lock(mutex);
      cancel = std::exchange(cancel_try, nullptr);
    }
    if (cancel) cancel();
  }
  void Cancel() {
    cancelled = true;
    CancelTry();
  }
  void TakeAway() {
    taken_away = true;
    CancelTry();
  }

  const ClassifyCall call;
  const CallOptions options;
  Done done;
  // Touched by one try after the other:
  const Replica* last = nullptr;
  uint64_t number = 0;
  int lost = 0;
  int pauses = 0;

  std::mutex mutex;
  int tries = 0;                        // guarded by mutex
  CancelCall cancel_try;                // guarded by mutex
  std::atomic<bool> cancelled{false};   // by the caller
  std::atomic<bool> taken_away{false};  // from a replica that hangs
};

ReplicatedClassifierClient::ReplicatedClassifierClient(std::vector<std::unique_ptr<ClassifierClient>> services, Options options)
    : options_(std::move(options)) {
  for (auto& service : services) {
    replicas_.push_back(std::make_unique<Replica>(std::move(service), options_.most_misses, options_.health_interval));
  }
  AskHealth();
}

ReplicatedClassifierClient::~ReplicatedClassifierClient() {
  stopping_ = true;
  later_.Stop();  // ends what waits for its next try
}

// The fewest calls among the best; `not_this` only where there is no other as good. Null where all are silent.
Replica* ReplicatedClassifierClient::Pick(const Replica* not_this) const {
  const absl::Time now = options_.now();
  const size_t first = turn_.fetch_add(1, std::memory_order_relaxed);
  Replica* best = nullptr;
  auto best_rank = std::make_tuple(Replica::State::kSilent, true, size_t{0});
  for (size_t i = 0; i < replicas_.size(); ++i) {
    Replica& replica = *replicas_[(first + i) % replicas_.size()];
    const auto rank = std::make_tuple(replica.state(now), &replica == not_this, replica.calls());
    if (std::get<0>(rank) == Replica::State::kSilent || (best != nullptr && rank >= best_rank)) continue;
    best = &replica;
    best_rank = rank;
  }
  return best;
}

CancelCall ReplicatedClassifierClient::Classify(ClassifyCall call, CallOptions options, Done done) {
  auto shared = std::make_shared<Call>(std::move(call), std::move(options), std::move(done));
  Try(shared);
  return [weak = std::weak_ptr(shared)] {
    if (const auto alive = weak.lock()) alive->Cancel();
  };
}

void ReplicatedClassifierClient::Try(const std::shared_ptr<Call>& call) {
  if (call->cancelled || stopping_) return call->done(absl::CancelledError("the caller went away"));
  Replica* const replica = Pick(call->last);
  if (replica == nullptr) return Failed(call, Hung());
  call->last = replica;
  call->taken_away = false;
  int this_try;
  {
    const std::lock_guard lock(call->mutex);
    this_try = ++call->tries;
  }
  call->number = replica->Add([weak = std::weak_ptr(call)] {
    if (const auto alive = weak.lock()) alive->TakeAway();
  });
  call->SetCancel(
      this_try, replica->client().Classify(call->call, call->options, [this, call, replica](absl::StatusOr<ClassifyReply> reply) {
        Ended(call, *replica, std::move(reply));
      }));
}

void ReplicatedClassifierClient::Ended(const std::shared_ptr<Call>& call, Replica& replica, absl::StatusOr<ClassifyReply> reply) {
  if (reply.ok()) {
    budget_.Earn();
    SawServing();
    Returned(replica.Answered(call->number));
    return call->done(std::move(reply));
  }
  absl::Status status = reply.status();
  // Cancelled by us because the replica hangs, or by a service that ran out of time to drain.
  if (status.code() == absl::StatusCode::kCancelled && !call->cancelled && !stopping_) {
    status = MarkLost(call->taken_away ? Hung() : absl::UnavailableError(status.message()));
  }
  if (status.code() != absl::StatusCode::kUnavailable) {
    replica.Ended(call->number);
    return call->done(std::move(status));
  }
  replica.NotTaken(call->number, options_.now() + kRest);
  Failed(call, std::move(status));
}

void ReplicatedClassifierClient::Failed(const std::shared_ptr<Call>& call, absl::Status status) {
  const absl::Duration pause = NextTry(*call, status);
  if (pause < absl::ZeroDuration()) return call->done(std::move(status));
  if (pause == absl::ZeroDuration()) return Try(call);
  later_.RunAfter(pause, [this, call] { Try(call); });
}

absl::Duration ReplicatedClassifierClient::NextTry(Call& call, const absl::Status& status) {
  if (call.cancelled || stopping_) return kNoMore;
  RetryCounters& counters = *options_.counters;
  const bool lost = WasLost(status);
  const absl::Time now = options_.now();
  const absl::Time seen = absl::FromUnixMicros(last_serving_us_);
  const Replica* const other = Pick(call.last);
  const bool elsewhere = other != nullptr && other != call.last && other->state(now) == Replica::State::kGood;
  const absl::Duration pause = elsewhere ? absl::ZeroDuration() : PauseAfter(options_.retry, call.pauses);
  const bool in_time = options_.retry.bridge > absl::ZeroDuration() && now + pause < call.options.deadline &&
                       (elsewhere || now + pause < seen + options_.retry.bridge);
  if (!in_time || (lost && ++call.lost >= options_.retry.most_lost)) {
    if (call.pauses > 0 || call.lost > 0) ++counters.given_up;
    return kNoMore;
  }
  // Only what costs a service anything: to find out that nobody listens costs nothing.
  if (lost && !budget_.Take()) {
    ++counters.over_budget;
    return kNoMore;
  }
  ++(lost ? counters.lost : counters.not_taken);
  if (!elsewhere) ++call.pauses;
  return pause;
}

void ReplicatedClassifierClient::SawServing() {
  last_serving_us_.store(absl::ToUnixMicros(options_.now()), std::memory_order_relaxed);
}

void ReplicatedClassifierClient::Returned(Replica::Change how) {
  if (how == Replica::Change::kNone) return;
  LogInfo(how == Replica::Change::kServes ? "a service serves" : "a service serves again");
  later_.Hurry();
}

void ReplicatedClassifierClient::AskHealth() {
  if (stopping_) return;
  for (const auto& replica : replicas_) {
    const absl::Time asked = SteadyNow();
    replica->client().CheckHealth(
        asked + options_.health_interval,
        [this, asked, &replica = *replica](const absl::Status& health) { HearHealth(replica, health, asked); });
  }
  const absl::Time now = options_.now();
  const bool all_good = std::all_of(replicas_.begin(), replicas_.end(),
                                    [now](const auto& replica) { return replica->state(now) != Replica::State::kDoubtful; });
  later_.RunAfter(all_good ? options_.health_interval : std::min(kSoon, options_.health_interval), [this] { AskHealth(); });
}

void ReplicatedClassifierClient::HearHealth(Replica& replica, const absl::Status& health, absl::Time asked) {
  if (stopping_) return;
  if (health.ok()) SawServing();
  switch (const Replica::Change change = replica.SetHealth(health, asked)) {
    case Replica::Change::kNone:
    case Replica::Change::kServes:
    case Replica::Change::kServesAgain:
      return Returned(change);
    case Replica::Change::kDoesNotServe:
      return Log(replica.served() ? LogLevel::kWarning : LogLevel::kInfo, "a service does not serve",
                 {{"error", health.message()}, {"reason", ReasonOf(health)}});
    case Replica::Change::kFallsSilent: {
      const auto calls = replica.CallsUnderWay();
      options_.counters->silenced += calls.size();  // before their callers hear of it
      LogWarning("a service has stopped answering; its calls are taken away", {{"calls", uint64_t{calls.size()}}});
      for (const auto& cancel : calls) (*cancel)();
    }
  }
}

void ReplicatedClassifierClient::CheckHealth(absl::Time deadline, absl::AnyInvocable<void(absl::Status)> done) {
  if (Pick(nullptr) == nullptr) return done(Hung());
  struct Answers {
    std::mutex mutex;
    size_t outstanding;
    absl::AnyInvocable<void(absl::Status)> done;  // null once called
  };
  const auto answers = std::make_shared<Answers>();
  answers->outstanding = replicas_.size();
  answers->done = std::move(done);
  for (const auto& replica : replicas_) {
    replica->client().CheckHealth(deadline, [this, answers, &asked = *replica](absl::Status health) {
      if (health.ok()) HearHealth(asked, health, SteadyNow());
      absl::AnyInvocable<void(absl::Status)> tell;
      {
        const std::lock_guard lock(answers->mutex);
        const bool last = --answers->outstanding == 0;
        if (health.ok() || last) tell = std::exchange(answers->done, nullptr);
      }
      if (tell) tell(std::move(health));
    });
  }
}

void ReplicatedClassifierClient::QueryModels(ModelsQuery query, CallOptions options, ModelsDone done) {
  Replica* const replica = Pick(nullptr);
  if (replica == nullptr) return done(Hung());
  replica->client().QueryModels(std::move(query), std::move(options), std::move(done));
}

}  // namespace verdict
