#pragma once

#include <memory>
#include <mutex>
#include <thread>

#include "absl/container/flat_hash_map.h"
#include "grpcpp/client_context.h"
#include "grpcpp/completion_queue.h"

namespace verdict {

// The calls under way, and the thread on which they end. A thread of our own over a completion queue costs a caller one change of
// threads; gRPC's callbacks have two threads that wake each other at every step of a call. Thread-safe.
class CallQueue {
 public:
  // One call, from its start to its end.
  class Call {
   public:
    virtual ~Call() = default;
    // The status has been received. Runs once, on the queue's thread, which the other calls wait for: it must not block.
    virtual void End() = 0;

    grpc::ClientContext context;
  };

  CallQueue();
  // Cancels what is under way and waits until every End has returned. Nobody starts a call any more.
  ~CallQueue();

  // Owns the call until it has ended. To be done before `start`, which begins it with the queue and the tag.
  template <typename Start>
  void Run(std::shared_ptr<Call> call, Start start) {
    Call* const tag = call.get();
    Add(std::move(call));
    start(&queue_, static_cast<void*>(tag));
  }

 private:
  void Add(std::shared_ptr<Call> call);
  std::shared_ptr<Call> Take(Call* call);
  void EndCalls();

  std::mutex mutex_;
  absl::flat_hash_map<Call*, std::shared_ptr<Call>> calls_;
  grpc::CompletionQueue queue_;
  std::thread thread_;
};

}  // namespace verdict
