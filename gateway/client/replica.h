#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gateway/client/classifier_client.h"

namespace verdict {

// One of the services behind a gateway: what is known of its health, and the calls it has. Thread-safe.
class Replica {
 public:
  // `most_misses` health checks in a row without an answer, each asked `interval` after the one before or later, make a replica
  // silent: it hangs, or its host is gone.
  Replica(std::unique_ptr<ClassifierClient> client, int most_misses, absl::Duration interval)
      : most_misses_(most_misses), interval_(interval), client_(std::move(client)) {}

  ClassifierClient& client() { return *client_; }

  // Best first: kGood serves as far as is known; kDoubtful has just failed a call, or says that it does not serve; kSilent
  // answers nothing.
  enum class State { kGood, kDoubtful, kSilent };
  State state(absl::Time now) const;
  bool served() const;  // ever
  size_t calls() const;

  // kServes: for the first time, after it did not. kDoesNotServe: it says so, or cannot be reached, for longer than a start
  // takes.
  enum class Change { kNone, kServes, kServesAgain, kDoesNotServe, kFallsSilent };

  // A call that is under way here; `cancel` ends it. Its number is for what follows.
  uint64_t Add(absl::AnyInvocable<void()> cancel);
  // It has ended: with an answer; otherwise; or because the replica could not take it, and others come first until `rest_until`,
  // or until this one answers again.
  Change Answered(uint64_t number);
  void Ended(uint64_t number);
  void NotTaken(uint64_t number, absl::Time rest_until);

  // The outcome of a health check that was asked then, as ClassifierClient::CheckHealth gives it.
  Change SetHealth(const absl::Status& health, absl::Time asked);

  // Cancels, one for every call that is under way.
  std::vector<std::shared_ptr<absl::AnyInvocable<void()>>> CallsUnderWay();

 private:
  Change Serves();  // needs mutex_

  const int most_misses_;
  const absl::Duration interval_;
  mutable std::mutex mutex_;
  absl::flat_hash_map<uint64_t, std::shared_ptr<absl::AnyInvocable<void()>>> calls_;
  uint64_t last_number_ = 0;
  absl::Time resting_until_ = absl::InfinitePast();
  bool serving_ = true;  // until it says otherwise
  bool ever_served_ = false;
  bool told_ = false;          // that it does not serve
  absl::Time not_since_ = {};  // it does not
  int misses_ = 0;
  absl::Time last_miss_asked_ = absl::InfinitePast();
  const std::unique_ptr<ClassifierClient> client_;  // the first to go: its calls use the rest
};

}  // namespace verdict
