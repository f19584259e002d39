#pragma once

#include <cstdint>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/classifier/api/backend.h"
#include "services/classifier/api/classifier.h"

namespace verdict {

// The logits of one request's sequences, in order, and what they waited for.
struct BatchOutcome {
  Logits logits;
  absl::Duration queue;                // from Submit to the start of the first batch
  absl::Duration compute;              // from the start of the first batch to the end of the last
  std::vector<uint64_t> batches = {};  // their numbers, where somebody observes
};

// One request's sequences, from Submit to the answer. The sequences do not change; the rest is guarded by the scheduler's mutex.
struct Job {
  std::vector<TokenSequence> sequences;
  CallContext context;
  absl::AnyInvocable<void(absl::StatusOr<BatchOutcome>)> done;
  absl::Time submitted;
  absl::Time first_batch = absl::InfiniteFuture();
  Logits logits;
  std::vector<uint64_t> batches;
  size_t next = 0;  // the first sequence that still waits
  size_t answered = 0;

  // Its place among those that wait; FairQueue says what these mean.
  absl::Time due;
  absl::Duration spread;       // for each token
  int64_t waiting_tokens = 0;  // of the sequences from `next` on
  int64_t turn_tokens = 0;     // taken since it got its place

  bool finished() const { return done == nullptr; }
  int64_t tokens(size_t i) const { return static_cast<int64_t>(sequences[i].ids.size()); }
};

}  // namespace verdict
