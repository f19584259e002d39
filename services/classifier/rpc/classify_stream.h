#pragma once

#include <cstdint>
#include <memory>

#include "absl/time/time.h"
#include "common/unread_answers.h"
#include "grpcpp/grpcpp.h"
#include "services/classifier/api/classifier.h"
#include "services/classifier/api/classify_observer.h"
#include "services/classifier/rpc/client_identity.h"
#include "services/classifier/rpc/shared_bytes.h"

namespace verdict {

// The streams of StreamClassify. A stream is read on only while little of it is unanswered, which bounds its memory: by its
// limits and one message, and by as many answers as there are unanswered requests. What waits in all of them for an overloaded
// classifier has a limit in common, as have answers that are not read. No stream has a thread: gRPC's read, the classifier's
// answer. Thread-safe; `classifier` must outlive the server.
class ClassifyStreams {
 public:
  struct Limits {
    int max_inputs = 1024;                            // of one request
    absl::Duration max_deadline = absl::Seconds(60);  // of callers that set none, or a later one; for streams: of each request
    int max_unanswered = 32;                          // requests of one stream that have been read and whose answers are not sent
    int64_t max_unanswered_bytes = 8 << 20;           // of those; the next message is not read while there are as many
    int64_t max_waiting_bytes = 256 << 20;            // of all streams' requests that found the classifier overloaded
  };

  // `observer` outlives the server, too; null: nobody observes. `unread` limits answers; null: nothing does.
  ClassifyStreams(Classifier& classifier, const Limits& limits, ClassifyObserver* observer,
                  std::shared_ptr<UnreadAnswers> unread);
  ~ClassifyStreams();

  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Begin(ClientIdentity client, grpc::CallbackServerContext& context);

  // Every stream, also one begun later, reads no more, answers what it has read, and ends UNAVAILABLE.
  void Drain();

 private:
  class Registry;

  Classifier& classifier_;
  const Limits limits_;
  ClassifyObserver* const observer_;
  const std::shared_ptr<Registry> registry_;
  const std::shared_ptr<SharedBytes> waiting_;
  const std::shared_ptr<UnreadAnswers> unread_;
};

}  // namespace verdict
