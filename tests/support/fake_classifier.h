#pragma once

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>
#include <vector>

#include "services/classifier/api/classifier.h"

namespace verdict {

// Answers each text with itself as its only label, at once on the caller's thread; can be held, fails on demand, and records what
// it was asked. Thread-safe.
class FakeClassifier : public Classifier {
 public:
  void Classify(ClassifyRequest request, CallContext context, Done done) override {
    std::unique_lock lock(mutex_);
    contexts_.push_back(context);
    changed_.notify_all();
    if (!failures_.empty()) {
      const absl::Status failure = std::move(failures_.front());
      failures_.pop_front();
      lock.unlock();
      return done(failure);
    }
    ClassifyResponse response;
    response.model = "fake";
    for (TextInput& input : request.inputs) {
      Classification& result = response.results.emplace_back();
      result.labels.push_back({input.text, 1, 0});
      result.tokens = 3;
    }
    if (held_) {
      waiting_.emplace_back(std::move(response), std::move(done));
      most_held_ = std::max(most_held_, waiting_.size());
      return;
    }
    lock.unlock();
    done(std::move(response));
  }

  // As often as it is called, one call after the other.
  void FailNext(absl::Status failure) {
    const std::lock_guard lock(mutex_);
    failures_.push_back(std::move(failure));
  }
  void Hold() {
    const std::lock_guard lock(mutex_);
    held_ = true;
  }
  // Answers the call that was held last.
  void ReleaseLast() {
    std::unique_lock lock(mutex_);
    auto [response, done] = std::move(waiting_.back());
    waiting_.pop_back();
    lock.unlock();
    done(std::move(response));
  }
  // Answers what was held.
  void Release() {
    for (auto& [response, done] : TakeHeld()) done(std::move(response));
  }
  // Fails what was held.
  void ReleaseWith(const absl::Status& failure) {
    for (auto& [response, done] : TakeHeld()) done(failure);
  }
  void AwaitCalls(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return contexts_.size() >= count; });
  }
  // At one time.
  size_t most_held() {
    const std::lock_guard lock(mutex_);
    return most_held_;
  }
  std::vector<CallContext> contexts() {
    const std::lock_guard lock(mutex_);
    return contexts_;
  }

 private:
  std::vector<std::pair<ClassifyResponse, Done>> TakeHeld() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    return std::exchange(waiting_, {});
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<CallContext> contexts_;
  std::deque<absl::Status> failures_;
  bool held_ = false;
  size_t most_held_ = 0;
  std::vector<std::pair<ClassifyResponse, Done>> waiting_;
};

}  // namespace verdict
