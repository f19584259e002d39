#include "services/classifier/rpc/guarded_services.h"

namespace verdict {

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* GuardedClassifierService::StreamClassify(
    grpc::CallbackServerContext* context) {
  const grpc::Status status = guard_.Check(*context, Role::kInference);
  if (!status.ok()) return new RefusedStream<grpc::ByteBuffer, grpc::ByteBuffer>(status);
  return ClassifierService::StreamClassify(context);
}

}  // namespace verdict
