#pragma once

#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "services/classifier/batching/pass_times.h"

namespace verdict {

// Predicts how long work takes on the lanes of a backend, from the passes that ran. Not thread-safe.
class WaitPredictor {
 public:
  WaitPredictor(int lanes, int64_t max_batch_tokens);

  // A pass of so many tokens on a lane; one at a time on each. One that failed is not learned from.
  void Began(int lane, int64_t tokens, bool wide, absl::Time now);
  void Ended(int lane, bool ok, absl::Time now);

  // Tokens that were accepted: what Load counts.
  void Arrived(int64_t tokens, absl::Time now);

  // False until a pass has ended: nothing is predicted then, all durations are zero.
  bool known() const { return known_; }

  // Until the passes that run now have ended, as a share of all lanes. A pass that takes longer than it should is taken to need
  // as much again: so a lane that hangs is seen.
  absl::Duration UntilFree(absl::Time now) const;

  // To compute so many tokens in full batches on all lanes.
  absl::Duration ToCompute(int64_t tokens) const;

  // From the start of a sequence of so many tokens to its end, on whatever it would run.
  absl::Duration OnePass(int64_t tokens) const;

  // For one token, when there is much to do.
  absl::Duration PerToken() const;

  // How much of the lanes' time the tokens of the last seconds take, 0 to 1.
  double Load(absl::Time now) const;

 private:
  struct Running {
    bool active = false, wide = false;
    int64_t tokens = 0;
    absl::Time began;
    absl::Duration expected;
  };

  absl::Duration Pass(int64_t tokens, bool wide) const;
  double ArrivalsPerSecond(absl::Time now) const;

  const int lanes_;
  const int64_t max_batch_tokens_;
  PassTimes wide_, narrow_;
  bool known_ = false;
  std::vector<Running> running_;  // by lane
  double arrivals_ = 0;           // tokens, of which time has taken away
  absl::Time arrived_ = absl::InfinitePast();
};

}  // namespace verdict
