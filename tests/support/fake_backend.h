#pragma once

#include <chrono>
#include <cmath>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "services/classifier/api/backend.h"

namespace verdict {

// A backend whose logit of label j for a sequence is (sum of its ids) * (j + 1). It can be held, so that work gathers in front of
// it, and fails on demand; it records the lengths of each batch. Recorded values may be read while no Forward runs.
class FakeBackend : public Backend {
 public:
  explicit FakeBackend(int num_labels = 2, int lanes = 1) {
    info_.lanes = lanes;
    info_.name = "fake";
    info_.precision = "fp32";
    info_.num_labels = num_labels;
    info_.max_tokens = 512;
  }

  const BackendInfo& info() const override { return info_; }

  absl::StatusOr<Logits> Run(const std::vector<const TokenSequence*>& sequences, const Lane& lane) override {
    {
      std::unique_lock lock(mutex_);
      running_ += 1;
      if (lane.wide && running_ > 1) broken_ = "a wide batch beside another";
      if (!lane.wide && wide_) broken_ = "a batch beside a wide one";
      if (!lanes_in_use_.insert(lane.index).second) broken_ = "two batches on a lane";
      wide_ = lane.wide;
      wide_batches_.push_back(lane.wide);
      std::vector<size_t> lengths;
      for (const auto* sequence : sequences) lengths.push_back(sequence->ids.size());
      batches_.push_back(std::move(lengths));
      changed_.notify_all();
      changed_.wait(lock, [this] { return !held_; });
      running_ -= 1;
      wide_ = false;
      lanes_in_use_.erase(lane.index);
    }
    if (fail_when && fail_when(sequences)) return absl::InternalError("the fake failed");
    Logits logits{static_cast<int>(sequences.size()), info_.num_labels + extra_columns, {}};
    for (const auto* sequence : sequences) {
      float sum = 0;
      for (const int32_t id : sequence->ids) sum += static_cast<float>(id);
      for (int j = 0; j < logits.columns; ++j)
        logits.values.push_back(answer_nan ? std::nanf("") : sum * static_cast<float>(j + 1));
    }
    return logits;
  }

  void Hold() {
    const std::lock_guard lock(mutex_);
    held_ = true;
  }
  void Release() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }
  // Blocks until `count` batches have begun, but not for ever.
  void AwaitBatches(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(30), [&] { return batches_.size() >= count; });
  }
  std::vector<std::vector<size_t>> batches() {
    const std::lock_guard lock(mutex_);
    return batches_;
  }

  // Which batches were wide, in the order of batches().
  std::vector<bool> wide_batches() {
    const std::lock_guard lock(mutex_);
    return wide_batches_;
  }
  // How the rules of Lane were broken; empty: not at all.
  std::string broken() {
    const std::lock_guard lock(mutex_);
    return broken_;
  }

  // Before a scheduler reads info().
  void SetWideFromTokens(int64_t tokens) { info_.wide_from_tokens = tokens; }

  std::function<bool(const std::vector<const TokenSequence*>&)> fail_when;
  bool answer_nan = false;
  int extra_columns = 0;  // answers a matrix of the wrong shape

 private:
  BackendInfo info_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;
  std::vector<std::vector<size_t>> batches_;
  std::vector<bool> wide_batches_;
  std::set<int> lanes_in_use_;
  int running_ = 0;
  bool wide_ = false;
  std::string broken_;
};

}  // namespace verdict
