#include "services/classifier/rpc/classify_stream.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "common/steady_clock.h"
#include "services/classifier/rpc/call_observation.h"
#include "services/classifier/rpc/stream_reactor.h"
#include "services/classifier/rpc/unary_call.h"

namespace verdict {

// Who is to be told of a drain. Shared with the streams, which may outlive the service by a moment.
class ClassifyStreams::Registry {
 public:
  // Whether the server is draining already.
  bool Add(const std::shared_ptr<StreamReactor>& stream) {
    const std::lock_guard lock(mutex_);
    streams_[stream.get()] = stream;
    return draining_;
  }
  void Remove(const StreamReactor* stream) {
    const std::lock_guard lock(mutex_);
    streams_.erase(stream);
  }
  void Drain() {
    std::vector<std::shared_ptr<StreamReactor>> streams;
    {
      const std::lock_guard lock(mutex_);
      draining_ = true;
      for (const auto& [key, stream] : streams_) {
        if (auto alive = stream.lock()) streams.push_back(std::move(alive));
      }
    }
    for (const auto& stream : streams) stream->Drain();
  }

 private:
  std::mutex mutex_;
  bool draining_ = false;
  std::map<const StreamReactor*, std::weak_ptr<StreamReactor>> streams_;
};

ClassifyStreams::ClassifyStreams(Classifier& classifier, const Limits& limits, ClassifyObserver* observer,
                                 std::shared_ptr<UnreadAnswers> unread)
    : classifier_(classifier),
      limits_(limits),
      observer_(observer),
      registry_(std::make_shared<Registry>()),
      waiting_(std::make_shared<SharedBytes>(limits.max_waiting_bytes)),
      unread_(std::move(unread)) {}

ClassifyStreams::~ClassifyStreams() = default;

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* ClassifyStreams::Begin(ClientIdentity client,
                                                                                    grpc::CallbackServerContext& context) {
  const auto stream = std::make_shared<StreamReactor>(
      classifier_, limits_,
      StreamReactor::Caller{.request_id = EchoRequestId(context),
                            .deadline = FromWallClock(context.deadline()),
                            .trace_parent = observer_ != nullptr ? ReadTraceParent(context) : std::string(),
                            .trace_state = observer_ != nullptr ? ReadTraceState(context) : std::string(),
                            .observer = observer_,
                            .client = std::move(client)},
      StreamReactor::Shared{.waiting = waiting_, .unread = unread_}, context);
  const bool draining = registry_->Add(stream);
  stream->Begin([registry = registry_, key = stream.get()] { registry->Remove(key); });
  if (draining) stream->Drain();
  return stream.get();
}

void ClassifyStreams::Drain() { registry_->Drain(); }

}  // namespace verdict
