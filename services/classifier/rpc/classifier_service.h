#pragma once

#include "services/classifier/api/classifier.h"
#include "verdict/v1/classifier.grpc.pb.h"

namespace verdict {

// verdict.v1.Classifier over a Classifier. The request arrives as bytes, so that text which is not UTF-8 gets an INVALID_ARGUMENT
// that says where, and not gRPC's own "failed to parse". Thread-safe; `classifier` must outlive it.
class ClassifierService final : public v1::Classifier::WithRawCallbackMethod_Classify<v1::Classifier::Service> {
 public:
  struct Limits {
    int max_inputs = 1024;
    absl::Duration max_deadline = absl::Seconds(60);  // of callers that set none, or a later one
  };

  ClassifierService(Classifier& classifier, const Limits& limits) : classifier_(classifier), limits_(limits) {}

  grpc::ServerUnaryReactor* Classify(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                     grpc::ByteBuffer* response) override;

 private:
  Classifier& classifier_;
  const Limits limits_;
};

}  // namespace verdict
