#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "gateway/client/classifier_client.h"
#include "gateway/testing/event.h"

namespace verdict {

// Answers at once with one label, fails, or holds its calls until they are released or cancelled, as the test says. Thread-safe.
class FakeClassifierClient : public ClassifierClient {
 public:
  void ReplyWith(std::string label, float score) {
    const std::lock_guard lock(mutex_);
    ClassifyReply reply;
    reply.results.emplace_back().labels.push_back({std::move(label), score, 0});
    answer_ = std::move(reply);
  }
  void ReplyWithNothing() {
    const std::lock_guard lock(mutex_);
    answer_ = ClassifyReply();
  }
  void FailWith(absl::Status status) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(status);
  }
  // Each call is answered by what the function makes of it, until the test says otherwise. It runs on the caller's thread.
  using Answerer = std::function<absl::StatusOr<ClassifyReply>(const ClassifyCall& call)>;
  void AnswerBy(Answerer answerer) {
    const std::lock_guard lock(mutex_);
    answerer_ = std::move(answerer);
  }
  void Hold() {
    const std::lock_guard lock(mutex_);
    hold_ = true;
  }
  // Answers the calls held so far, in the order in which they came or in the other one; all have the answer of the last, unless
  // there is an answerer.
  void Release(bool last_first = false) {
    std::vector<std::pair<Done, absl::StatusOr<ClassifyReply>>> held;
    {
      const std::lock_guard lock(mutex_);
      held.swap(held_);
      for (auto& [done, answer] : held) {
        if (!answerer_ || !answer_.ok()) answer = answer_;
      }
    }
    if (last_first) std::reverse(held.begin(), held.end());
    for (auto& [done, answer] : held) done(std::move(answer));
  }
  // From now on calls are answered at once again.
  void HoldNoMore() {
    const std::lock_guard lock(mutex_);
    hold_ = false;
  }
  void ReplyWithModels(absl::StatusOr<std::vector<ModelDescription>> models) {
    const std::lock_guard lock(mutex_);
    models_ = std::move(models);
  }
  void SetHealth(absl::Status health) {
    const std::lock_guard lock(mutex_);
    health_ = std::move(health);
  }

  // Waits until `count` calls have come in all; false after ten seconds.
  bool AwaitCalls(size_t count) {
    std::unique_lock lock(mutex_);
    return came_.wait_for(lock, std::chrono::seconds(10), [&] { return calls_.size() >= count; });
  }
  bool AwaitCancel() { return cancelled_.Await(); }
  size_t calls() {
    const std::lock_guard lock(mutex_);
    return calls_.size();
  }
  ClassifyCall last_call() {
    const std::lock_guard lock(mutex_);
    return calls_.back().first;
  }
  CallOptions last_options() {
    const std::lock_guard lock(mutex_);
    return calls_.back().second;
  }
  size_t queries() {
    const std::lock_guard lock(mutex_);
    return queries_.size();
  }
  ModelsQuery last_query() {
    const std::lock_guard lock(mutex_);
    return queries_.back().first;
  }
  CallOptions last_query_options() {
    const std::lock_guard lock(mutex_);
    return queries_.back().second;
  }

  CancelCall Classify(ClassifyCall call, CallOptions options, Done done) override {
    absl::StatusOr<ClassifyReply> answer;
    {
      const std::lock_guard lock(mutex_);
      if (answerer_) answer_ = answerer_(call);
      calls_.emplace_back(std::move(call), std::move(options));
      came_.notify_all();
      if (hold_) {
        held_.emplace_back(std::move(done), answer_);
        return [this] { Cancel(); };
      }
      answer = answer_;
    }
    done(std::move(answer));
    return {};
  }

  void CheckHealth(absl::Time deadline, absl::AnyInvocable<void(absl::Status)> done) override {
    absl::Status health;
    {
      const std::lock_guard lock(mutex_);
      health =
          deadline < absl::Now() + absl::Seconds(2) ? health_ : absl::InternalError("a ping has two seconds, and less for us");
    }
    done(std::move(health));
  }

  void QueryModels(ModelsQuery query, CallOptions options, ModelsDone done) override {
    absl::StatusOr<std::vector<ModelDescription>> models;
    {
      const std::lock_guard lock(mutex_);
      queries_.emplace_back(std::move(query), std::move(options));
      models = models_;
    }
    done(std::move(models));
  }

 private:
  void Cancel() {
    FailWith(absl::CancelledError("cancelled"));
    Release();
    cancelled_.Notify();
  }

  std::mutex mutex_;
  std::condition_variable came_;
  absl::StatusOr<ClassifyReply> answer_ = ClassifyReply();
  absl::Status health_;
  bool hold_ = false;
  std::vector<std::pair<Done, absl::StatusOr<ClassifyReply>>> held_;
  Answerer answerer_;
  std::vector<std::pair<ClassifyCall, CallOptions>> calls_;
  absl::StatusOr<std::vector<ModelDescription>> models_ = std::vector<ModelDescription>();
  std::vector<std::pair<ModelsQuery, CallOptions>> queries_;
  Event cancelled_;
};

}  // namespace verdict
