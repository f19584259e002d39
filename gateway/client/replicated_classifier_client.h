#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "common/steady_clock.h"
#include "gateway/client/classifier_client.h"
#include "gateway/client/delayed_calls.h"
#include "gateway/client/replica.h"
#include "gateway/client/retry_policy.h"

namespace verdict {

// One or more services as one: a classification goes to the one with the fewest calls under way of those that serve, and is tried
// again, elsewhere or a little later, when it could not be taken (kUnavailable). That is safe: classifying changes nothing. Every
// service is asked for its health again and again; from one that has stopped answering its calls are taken away. Nothing else is
// tried again: not what was refused for overload, not what came too late, not the loading of models. Thread-safe; the destructor
// ends what is under way with kCancelled and waits for it.
class ReplicatedClassifierClient : public ClassifierClient {
 public:
  struct Options {
    RetryOptions retry;
    absl::Duration health_interval = absl::Seconds(1);  // between two questions, and the patience for an answer
    int most_misses = 5;                                // questions without an answer, before a service is taken for hung
    std::shared_ptr<RetryCounters> counters = std::make_shared<RetryCounters>();
    std::function<absl::Time()> now = SteadyNow;  // a test sets its own
  };

  // `services` is not empty.
  ReplicatedClassifierClient(std::vector<std::unique_ptr<ClassifierClient>> services, Options options);
  ~ReplicatedClassifierClient() override;

  CancelCall Classify(ClassifyCall call, CallOptions options, Done done) override;
  // OkStatus when one of them serves.
  void CheckHealth(absl::Time deadline, absl::AnyInvocable<void(absl::Status)> done) override;
  // Of one of them: where models are loaded on request there should be no second.
  void QueryModels(ModelsQuery query, CallOptions options, ModelsDone done) override;

 private:
  struct Call;

  Replica* Pick(const Replica* not_this) const;
  void Try(const std::shared_ptr<Call>& call);
  void Ended(const std::shared_ptr<Call>& call, Replica& replica, absl::StatusOr<ClassifyReply> reply);
  void Failed(const std::shared_ptr<Call>& call, absl::Status status);
  // How long to wait before the next try; negative: there is none.
  absl::Duration NextTry(Call& call, const absl::Status& status);
  void SawServing();
  void Returned(Replica::Change how);
  void AskHealth();
  void HearHealth(Replica& replica, const absl::Status& health, absl::Time asked);

  const Options options_;
  RetryBudget budget_;
  std::atomic<int64_t> last_serving_us_{0};  // Unix time; 0: never seen
  mutable std::atomic<uint64_t> turn_{0};    // so that equals take turns
  std::atomic<bool> stopping_{false};
  DelayedCalls later_;
  std::vector<std::unique_ptr<Replica>> replicas_;  // the first to go: their calls use the rest
};

}  // namespace verdict
