#include "services/classifier/rpc/guarded_services.h"

namespace verdict {

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* GuardedClassifierService::StreamClassify(
    grpc::CallbackServerContext* context) {
  AccessGuard::Verdict verdict = guard_.Check(*context, Role::kInference);
  if (!verdict.status.ok()) return new RefusedStream<grpc::ByteBuffer, grpc::ByteBuffer>(verdict.status);
  return StreamClassifyFor(std::move(verdict.identity), *context);
}

}  // namespace verdict
