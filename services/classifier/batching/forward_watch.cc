#include "services/classifier/batching/forward_watch.h"

#include <algorithm>
#include <utility>

namespace verdict {
namespace {

constexpr int kTimesTheUsual = 20;
// Of the newest pass in what is usual.
constexpr double kShareOfNewest = 0.1;

}  // namespace

class ForwardWatch::WatchedBackend final : public Backend {
 public:
  WatchedBackend(ForwardWatch& watch, std::string model, std::unique_ptr<Backend> backend)
      : watch_(watch), model_(std::move(model)), backend_(std::move(backend)) {}

  const BackendInfo& info() const override { return backend_->info(); }

 private:
  absl::StatusOr<Logits> Run(const std::vector<const TokenSequence*>& sequences, const Lane& lane) override {
    int64_t tokens = 0;
    for (const TokenSequence* sequence : sequences) tokens += static_cast<int64_t>(sequence->ids.size());
    const uint64_t pass = watch_.Begin(model_, lane, tokens);
    auto logits = backend_->Forward(sequences, lane);
    watch_.End(pass);
    return logits;
  }

  ForwardWatch& watch_;
  const std::string model_;
  const std::unique_ptr<Backend> backend_;
};

std::unique_ptr<Backend> ForwardWatch::Watch(std::string model, std::unique_ptr<Backend> backend) {
  return std::make_unique<WatchedBackend>(*this, std::move(model), std::move(backend));
}

uint64_t ForwardWatch::Begin(const std::string& model, const Lane& lane, int64_t tokens) {
  const absl::Time now = options_.now();
  const std::lock_guard lock(mutex_);
  passes_.emplace_hint(passes_.end(), ++last_, Pass{&model, lane.index, std::max<int64_t>(tokens, 1), now});
  return last_;
}

void ForwardWatch::End(uint64_t pass) {
  const absl::Time now = options_.now();
  const std::lock_guard lock(mutex_);
  const auto ended = passes_.find(pass);
  const absl::Duration took = (now - ended->second.began) / ended->second.tokens;
  per_token_ = per_token_ == absl::ZeroDuration() ? took : per_token_ + kShareOfNewest * (took - per_token_);
  passes_.erase(ended);
}

ForwardWatch::Waiting ForwardWatch::Enter(const std::string& model) {
  const absl::Time now = options_.now();
  const std::lock_guard lock(mutex_);
  Queue& queue = queues_[model];
  if (queue.waiting++ == 0) queue.moved = now;
  return Waiting(this, model);
}

void ForwardWatch::Leave(const std::string& model) {
  const absl::Time now = options_.now();
  const std::lock_guard lock(mutex_);
  const auto queue = queues_.find(model);
  queue->second.moved = now;
  if (--queue->second.waiting == 0) queues_.erase(queue);
}

bool ForwardWatch::IsRunning(const std::string& model) const {
  return std::any_of(passes_.begin(), passes_.end(), [&](const auto& entry) { return *entry.second.model == model; });
}

std::optional<ForwardWatch::Stuck> ForwardWatch::FindStuck() const {
  const absl::Time now = options_.now();
  const std::lock_guard lock(mutex_);
  for (const auto& [number, pass] : passes_) {
    const absl::Duration running = now - pass.began;
    if (running <= std::max(options_.allowed, kTimesTheUsual * pass.tokens * per_token_)) continue;
    return Stuck{*pass.model, pass.lane, pass.tokens, running};
  }
  for (const auto& [model, queue] : queues_) {
    const absl::Duration still = now - queue.moved;
    if (still > options_.allowed && !IsRunning(model)) return Stuck{model, 0, 0, still};
  }
  return std::nullopt;
}

}  // namespace verdict
