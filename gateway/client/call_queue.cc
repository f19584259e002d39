#include "gateway/client/call_queue.h"

#include <utility>
#include <vector>

namespace verdict {

CallQueue::CallQueue() : thread_([this] { EndCalls(); }) {}

CallQueue::~CallQueue() {
  std::vector<std::shared_ptr<Call>> under_way;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, call] : calls_) under_way.push_back(call);
  }
  for (const auto& call : under_way) call->context.TryCancel();
  under_way.clear();
  queue_.Shutdown();
  thread_.join();
}

void CallQueue::Add(std::shared_ptr<Call> call) {
  const std::lock_guard lock(mutex_);
  Call* const key = call.get();
  calls_.emplace(key, std::move(call));
}

std::shared_ptr<CallQueue::Call> CallQueue::Take(Call* call) {
  const std::lock_guard lock(mutex_);
  const auto found = calls_.find(call);
  auto taken = std::move(found->second);
  calls_.erase(found);
  return taken;
}

void CallQueue::EndCalls() {
  void* tag;
  bool ok;
  while (queue_.Next(&tag, &ok)) {
    // A context holds on to its channel. It goes here, before the client that waits for this thread ends the channel itself.
    const std::shared_ptr<Call> call = Take(static_cast<Call*>(tag));
    call->End();
  }
}

}  // namespace verdict
