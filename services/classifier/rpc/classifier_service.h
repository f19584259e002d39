#pragma once

#include <memory>
#include <utility>

#include "services/classifier/api/classifier.h"
#include "services/classifier/api/classify_observer.h"
#include "services/classifier/rpc/classify_stream.h"
#include "services/classifier/rpc/client_identity.h"
#include "verdict/v1/classifier.grpc.pb.h"

namespace verdict {

// verdict.v1.Classifier over a Classifier. Requests arrive as bytes, so that text which is not UTF-8 gets an INVALID_ARGUMENT
// that says where, and not gRPC's own "failed to parse". Thread-safe; `classifier` must outlive it.
class ClassifierService : public v1::Classifier::WithRawCallbackMethod_Classify<
                              v1::Classifier::WithRawCallbackMethod_StreamClassify<v1::Classifier::Service>> {
 public:
  using Limits = ClassifyStreams::Limits;

  // `observer` outlives it, too; null: nobody observes. `unread` limits answers; null: nothing does.
  ClassifierService(Classifier& classifier, const Limits& limits, ClassifyObserver* observer = nullptr,
                    const std::shared_ptr<UnreadAnswers>& unread = nullptr)
      : classifier_(classifier),
        limits_(limits),
        observer_(observer),
        unread_(unread),
        streams_(classifier, limits, observer, unread) {}

  // Lets streams answer what they have read, and end. Before the server shuts down, which waits for them.
  void Drain() { streams_.Drain(); }

  grpc::ServerUnaryReactor* Classify(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                     grpc::ByteBuffer* response) override {
    return ClassifyFor(UncheckedClient(*context), *context, *request, response);
  }
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* StreamClassify(grpc::CallbackServerContext* context) override {
    return StreamClassifyFor(UncheckedClient(*context), *context);
  }

 protected:
  // The same, for a caller that is known.
  grpc::ServerUnaryReactor* ClassifyFor(ClientIdentity client, grpc::CallbackServerContext& context,
                                        const grpc::ByteBuffer& request, grpc::ByteBuffer* response);
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* StreamClassifyFor(ClientIdentity client,
                                                                                 grpc::CallbackServerContext& context) {
    return streams_.Begin(std::move(client), context);
  }

 private:
  Classifier& classifier_;
  const Limits limits_;
  ClassifyObserver* const observer_;
  const std::shared_ptr<UnreadAnswers> unread_;
  ClassifyStreams streams_;
};

}  // namespace verdict
