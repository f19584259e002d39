#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "grpcpp/client_context.h"

namespace verdict {

// Owns the calls under way, so that a client can end without one of them calling back into what is gone. A context holds on to
// its channel, and a channel that ends on one of gRPC's own threads takes that thread's queue away from under it; so a call ends
// here, before the client that waits for it may go on and end the channel itself. Thread-safe.
class OutstandingCalls {
 public:
  ~OutstandingCalls() { CancelAllAndWait(); }

  // The pointer may share ownership of more than the context.
  void Add(std::shared_ptr<grpc::ClientContext> context) {
    const std::lock_guard lock(mutex_);
    grpc::ClientContext* const key = context.get();
    calls_.emplace(key, std::move(context));
    ++open_;
  }

  // The last act of a call's callback: nothing of the call may be used after it.
  void Finish(grpc::ClientContext* context) {
    Take(context).reset();  // outside the lock, and before the count says that it is gone
    const std::lock_guard lock(mutex_);
    if (--open_ == 0) none_.notify_all();
  }

  // Nobody adds any more.
  void CancelAllAndWait() {
    for (const auto& context : Snapshot()) context->TryCancel();  // without the lock: a callback may run in there
    std::unique_lock lock(mutex_);
    none_.wait(lock, [this] { return open_ == 0; });
  }

 private:
  std::shared_ptr<grpc::ClientContext> Take(grpc::ClientContext* context) {
    const std::lock_guard lock(mutex_);
    const auto found = calls_.find(context);
    auto taken = std::move(found->second);
    calls_.erase(found);
    return taken;
  }

  std::vector<std::shared_ptr<grpc::ClientContext>> Snapshot() {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<grpc::ClientContext>> all;
    for (const auto& [key, context] : calls_) all.push_back(context);
    return all;
  }

  std::mutex mutex_;
  std::condition_variable none_;
  absl::flat_hash_map<grpc::ClientContext*, std::shared_ptr<grpc::ClientContext>> calls_;
  int open_ = 0;  // also counts those that are ending
};

}  // namespace verdict
