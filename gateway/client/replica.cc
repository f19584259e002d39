#include "gateway/client/replica.h"

#include <utility>

namespace verdict {
namespace {

// A service that is away for less may be starting: not worth a line of the log.
constexpr absl::Duration kStart = absl::Seconds(2);

}  // namespace

Replica::State Replica::state(absl::Time now) const {
  const std::lock_guard lock(mutex_);
  if (misses_ >= most_misses_) return State::kSilent;
  return serving_ && now >= resting_until_ ? State::kGood : State::kDoubtful;
}

size_t Replica::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_.size();
}

bool Replica::served() const {
  const std::lock_guard lock(mutex_);
  return ever_served_;
}

uint64_t Replica::Add(absl::AnyInvocable<void()> cancel) {
  auto shared = std::make_shared<absl::AnyInvocable<void()>>(std::move(cancel));
  const std::lock_guard lock(mutex_);
  calls_.emplace(++last_number_, std::move(shared));
  return last_number_;
}

Replica::Change Replica::Serves() {
  const bool was_good = serving_ && misses_ < most_misses_ && resting_until_ == absl::InfinitePast();
  const bool served = std::exchange(ever_served_, true);
  misses_ = 0;
  serving_ = true;
  resting_until_ = absl::InfinitePast();
  if (was_good) return Change::kNone;
  return served ? Change::kServesAgain : Change::kServes;
}

Replica::Change Replica::Answered(uint64_t number) {
  const std::lock_guard lock(mutex_);
  calls_.erase(number);
  return Serves();
}

void Replica::Ended(uint64_t number) {
  const std::lock_guard lock(mutex_);
  calls_.erase(number);
}

void Replica::NotTaken(uint64_t number, absl::Time rest_until) {
  const std::lock_guard lock(mutex_);
  calls_.erase(number);
  resting_until_ = rest_until;
}

Replica::Change Replica::SetHealth(const absl::Status& health, absl::Time asked) {
  const std::lock_guard lock(mutex_);
  if (health.ok()) return Serves();
  if (health.code() == absl::StatusCode::kDeadlineExceeded) {
    // One that is in doubt is asked more often than it is given time to answer: one silence is not many.
    if (misses_ > 0 && asked - last_miss_asked_ < interval_) return Change::kNone;
    last_miss_asked_ = asked;
    return ++misses_ == most_misses_ ? Change::kFallsSilent : Change::kNone;
  }
  misses_ = 0;
  if (std::exchange(serving_, false)) {
    not_since_ = asked;
    told_ = false;
  }
  if (told_ || asked - not_since_ < kStart) return Change::kNone;
  told_ = true;
  return Change::kDoesNotServe;
}

std::vector<std::shared_ptr<absl::AnyInvocable<void()>>> Replica::CallsUnderWay() {
  std::vector<std::shared_ptr<absl::AnyInvocable<void()>>> calls;
  const std::lock_guard lock(mutex_);
  for (const auto& [number, cancel] : calls_) calls.push_back(cancel);
  return calls;
}

}  // namespace verdict
