#include "services/classifier/rpc/metrics_service.h"

#include "services/classifier/rpc/unary_call.h"

namespace verdict {

grpc::ServerUnaryReactor* MetricsService::Collect(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                                  grpc::ByteBuffer* response) {
  const auto call = UnaryCall::Begin(*context, response, unread_);
  v1::CollectMetricsRequest asked;
  if (!request->Valid()) {
    call->Refuse(MessageDidNotArrive());
    return call.get();
  }
  if (!ParseMessage(*request, asked)) {
    call->Refuse(absl::InvalidArgumentError("the request is no well-formed verdict.v1.CollectMetricsRequest"));
    return call.get();
  }
  v1::CollectMetricsResponse answer;
  answer.set_text(write_(asked.open_metrics()));
  call->Answer(answer);
  return call.get();
}

}  // namespace verdict
