#include "services/classifier/batching/wait_predictor.h"

#include <algorithm>
#include <cmath>

namespace verdict {
namespace {

// What has arrived counts for about so long.
constexpr double kMemorySeconds = 2;

}  // namespace

WaitPredictor::WaitPredictor(int lanes, int64_t max_batch_tokens)
    : lanes_(std::max(lanes, 1)), max_batch_tokens_(max_batch_tokens), running_(static_cast<size_t>(lanes_)) {}

void WaitPredictor::Began(int lane, int64_t tokens, bool wide, absl::Time now) {
  running_[static_cast<size_t>(lane)] = {true, wide, tokens, now, Pass(tokens, wide)};
}

void WaitPredictor::Ended(int lane, bool ok, absl::Time now) {
  Running& pass = running_[static_cast<size_t>(lane)];
  pass.active = false;
  if (!ok) return;
  (pass.wide ? wide_ : narrow_).Learn(pass.tokens, now - pass.began);
  known_ = true;
}

absl::Duration WaitPredictor::UntilFree(absl::Time now) const {
  absl::Duration left;
  for (const Running& pass : running_) {
    if (!pass.active) continue;
    const absl::Duration of_pass = absl::AbsDuration(pass.expected - (now - pass.began));
    left += pass.wide ? of_pass * lanes_ : of_pass;
  }
  return known_ ? left / lanes_ : absl::ZeroDuration();
}

// On one lane, or on all processors together.
absl::Duration WaitPredictor::Pass(int64_t tokens, bool wide) const {
  if (const auto seen = (wide ? wide_ : narrow_).Of(tokens)) return *seen;
  const auto other = (wide ? narrow_ : wide_).Of(tokens);
  if (!other) return absl::ZeroDuration();
  return wide ? *other / lanes_ : *other * lanes_;
}

absl::Duration WaitPredictor::ToCompute(int64_t tokens) const {
  if (tokens <= 0) return absl::ZeroDuration();
  const bool wide = lanes_ == 1;
  const double share = static_cast<double>(tokens) / lanes_;
  const auto batch = std::clamp<int64_t>(std::llround(share), 1, max_batch_tokens_);
  return Pass(batch, wide) * (share / static_cast<double>(batch));
}

absl::Duration WaitPredictor::OnePass(int64_t tokens) const { return Pass(tokens, lanes_ == 1); }

absl::Duration WaitPredictor::PerToken() const {
  const int64_t many = max_batch_tokens_ * lanes_;
  return ToCompute(many) / many;
}

void WaitPredictor::Arrived(int64_t tokens, absl::Time now) {
  arrivals_ = ArrivalsPerSecond(now) * kMemorySeconds + static_cast<double>(tokens);
  arrived_ = std::max(arrived_, now);
}

double WaitPredictor::ArrivalsPerSecond(absl::Time now) const {
  if (arrivals_ == 0) return 0;
  const double age = std::max(0.0, absl::ToDoubleSeconds(now - arrived_));
  return arrivals_ * std::exp(-age / kMemorySeconds) / kMemorySeconds;
}

double WaitPredictor::Load(absl::Time now) const {
  return std::min(1.0, ArrivalsPerSecond(now) * absl::ToDoubleSeconds(PerToken()));
}

}  // namespace verdict
