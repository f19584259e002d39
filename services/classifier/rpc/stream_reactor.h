#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "grpcpp/alarm.h"
#include "grpcpp/grpcpp.h"
#include "services/classifier/api/classifier.h"
#include "services/classifier/rpc/call_observation.h"
#include "services/classifier/rpc/classify_stream.h"

namespace verdict {

// One stream of StreamClassify. It ends, for gRPC as well, only when none of its requests is with the classifier any more: once
// the server has waited for its streams, nobody uses the classifier.
class StreamReactor final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                            public std::enable_shared_from_this<StreamReactor> {
 public:
  // Whose stream it is.
  struct Caller {
    std::string request_id;
    absl::Time deadline = absl::InfiniteFuture();
    std::string trace_parent = {};
    std::string trace_state = {};
    ClassifyObserver* observer = nullptr;  // who is told of every request
    ClientIdentity client = {};
  };

  // What it has in common with other streams.
  struct Shared {
    std::shared_ptr<SharedBytes> waiting;   // what may wait in all of them together
    std::shared_ptr<UnreadAnswers> unread;  // null: nothing limits answers
  };

  // `context` is gRPC's and lives until OnDone.
  StreamReactor(Classifier& classifier, const ClassifyStreams::Limits& limits, Caller caller, Shared shared,
                const grpc::CallbackServerContext& context);
  ~StreamReactor() override;

  // Starts to read. Calls `done` at the end of the stream, once gRPC has let go of it.
  void Begin(absl::AnyInvocable<void()> done);

  // Reads no more, answers what has been read, ends UNAVAILABLE. Thread-safe.
  void Drain();

 private:
  // A request and its answer, from the read of one to the end of the write of the other.
  struct Exchange {
    std::string id;
    grpc::ByteBuffer message;  // kept until there is an answer: an overloaded server is asked again
    grpc::ByteBuffer answer;
    bool answered = false;
    int64_t bytes = 0;            // of the message, then of the answer
    int64_t waiting_bytes = 0;    // that it has of those for all streams
    UnreadAnswers::Entry unread;  // of the answer
    absl::Time deadline;
    CallObservation observation;
  };
  using ExchangePtr = std::shared_ptr<Exchange>;

  // gRPC's reactions: a read, a write and a cancellation may come at the same time, each on a thread of its own.
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  void Take(grpc::ByteBuffer& message);  // leaves nothing in it
  void Classify(const ExchangePtr& exchange, ClassifyRequest request);
  void OnAnswer(const ExchangePtr& exchange, const absl::StatusOr<ClassifyResponse>& answer);
  void Answer(const ExchangePtr& exchange, grpc::ByteBuffer answer);
  void Refuse(const ExchangePtr& exchange, const absl::Status& status);

  // Keeps a request that found the server overloaded, to try it again in a moment. False where its deadline leaves no time for
  // that, or too much waits in all streams.
  bool Wait(const ExchangePtr& exchange);
  void StopWaiting(Exchange& exchange);
  void TryAgain();
  bool TryFirst(std::deque<ExchangePtr>& tried);  // false: there are some again that wait

  // These need mutex_.
  void Send(const ExchangePtr& exchange);
  void EndWith(absl::Status status);
  bool MayRead() const;
  bool IsOver() const;
  void Step();  // starts whatever can be started: a write, a read, or the end

  Classifier& classifier_;
  const ClassifyStreams::Limits limits_;
  const Caller caller_;
  const Shared shared_;
  const grpc::CallbackServerContext& context_;
  std::atomic<bool> cancelled_{false};
  grpc::ByteBuffer incoming_;  // gRPC's while reading_

  std::mutex mutex_;
  bool first_ = true, unordered_ = false;
  bool reading_ = false, writing_ = false, finished_ = false;
  std::optional<absl::Status> end_;     // set: nothing more is read, and this is the status once all is answered
  std::deque<ExchangePtr> unanswered_;  // in the order of the requests; answered ones among them wait for those before them
  std::deque<ExchangePtr> outgoing_;    // the first is being written while writing_
  int64_t bytes_ = 0;                   // of both
  int busy_ = 0;                        // requests with the classifier or on their way, and TryAgains that run
  std::deque<ExchangePtr> waiting_;     // those of unanswered_ that found the server overloaded
  absl::Duration retry_delay_;
  std::unique_ptr<grpc::Alarm> alarm_;  // a new one each time: it may be set from its own callback

  absl::AnyInvocable<void()> done_;
  std::shared_ptr<StreamReactor> held_by_grpc_;  // gRPC itself holds a plain pointer until OnDone
};

}  // namespace verdict
