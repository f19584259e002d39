#pragma once

#include <memory>
#include <utility>

#include "common/unread_answers.h"
#include "open_inference/grpc_predict_v2.grpc.pb.h"
#include "services/classifier/api/classifier.h"
#include "services/classifier/api/classify_observer.h"
#include "services/classifier/api/model_info.h"
#include "services/classifier/rpc/client_identity.h"
#include "services/classifier/rpc/health_service.h"

namespace verdict {

// inference.GRPCInferenceService (Open Inference Protocol, version 2) over a Classifier and a ModelCatalog. Thread-safe; what it
// is given must outlive it.
class OpenInferenceService
    : public inference::GRPCInferenceService::WithRawCallbackMethod_ModelInfer<inference::GRPCInferenceService::CallbackService> {
 public:
  struct Parts {
    Classifier& classifier;
    const ModelCatalog& catalog;
    HealthService& health;
  };
  struct Limits {
    int max_inputs = 1024;
    absl::Duration max_deadline = absl::Seconds(60);
  };

  // `observer` outlives it, too; null: nobody observes. `unread` limits answers; null: nothing does.
  OpenInferenceService(const Parts& parts, const Limits& limits, ClassifyObserver* observer = nullptr,
                       std::shared_ptr<UnreadAnswers> unread = nullptr)
      : parts_(parts), limits_(limits), observer_(observer), unread_(std::move(unread)) {}

  grpc::ServerUnaryReactor* ServerLive(grpc::CallbackServerContext* context, const inference::ServerLiveRequest* request,
                                       inference::ServerLiveResponse* response) override;
  grpc::ServerUnaryReactor* ServerReady(grpc::CallbackServerContext* context, const inference::ServerReadyRequest* request,
                                        inference::ServerReadyResponse* response) override;
  grpc::ServerUnaryReactor* ModelReady(grpc::CallbackServerContext* context, const inference::ModelReadyRequest* request,
                                       inference::ModelReadyResponse* response) override;
  grpc::ServerUnaryReactor* ServerMetadata(grpc::CallbackServerContext* context, const inference::ServerMetadataRequest* request,
                                           inference::ServerMetadataResponse* response) override;
  grpc::ServerUnaryReactor* ModelMetadata(grpc::CallbackServerContext* context, const inference::ModelMetadataRequest* request,
                                          inference::ModelMetadataResponse* response) override;
  grpc::ServerUnaryReactor* ModelInfer(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                       grpc::ByteBuffer* response) override {
    return ModelInferFor(UncheckedClient(*context), *context, *request, response);
  }

 protected:
  // The same, for a caller that is known.
  grpc::ServerUnaryReactor* ModelInferFor(ClientIdentity client, grpc::CallbackServerContext& context,
                                          const grpc::ByteBuffer& request, grpc::ByteBuffer* response);

 private:
  const Parts parts_;
  const Limits limits_;
  ClassifyObserver* const observer_;
  const std::shared_ptr<UnreadAnswers> unread_;
};

}  // namespace verdict
