#include "services/classifier/rpc/classifier_service.h"

#include <utility>

#include "common/logging.h"
#include "services/classifier/rpc/call_observation.h"
#include "services/classifier/rpc/classify_messages.h"
#include "services/classifier/rpc/unary_call.h"
#include "services/classifier/rpc/wire_fields.h"

namespace verdict {
namespace {

absl::StatusOr<ClassifyRequest> Read(const grpc::ByteBuffer& buffer, int max_inputs) {
  if (!buffer.Valid()) return MessageDidNotArrive();
  if (absl::Status status = CheckFields(buffer, {v1::ClassifyRequest::kInputsFieldNumber}, max_inputs); !status.ok())
    return status;
  v1::ClassifyRequest message;
  if (!ParseMessage(buffer, message)) return ExplainParseFailure(Flatten(buffer));
  return FromProto(std::move(message), max_inputs);
}

void Answer(UnaryCall& call, const absl::StatusOr<ClassifyResponse>& answer) {
  if (!answer.ok()) return call.Refuse(answer.status());
  v1::ClassifyResponse message;
  ToProto(*answer, message);
  LogDebug("classified", {{"request_id", call.request_id()},
                          {"texts", message.results_size()},
                          {"model", message.model()},
                          {"total_us", message.times().total_us()},
                          {"queue_us", message.times().queue_us()}});
  call.Answer(message);
}

}  // namespace

grpc::ServerUnaryReactor* ClassifierService::ClassifyFor(ClientIdentity client, grpc::CallbackServerContext& context,
                                                         const grpc::ByteBuffer& request, grpc::ByteBuffer* response) {
  const auto call = UnaryCall::Begin(context, response, unread_);
  CallObservation observation(observer_, CallMethod::kClassify, context, client.caller);
  absl::StatusOr<ClassifyRequest> domain = Read(request, limits_.max_inputs);
  if (!domain.ok()) {
    observation.End(domain.status());
    call->Refuse(domain.status());
    return call.get();
  }
  observation.Asked(*domain);
  CallContext call_context{.deadline = DeadlineOf(context, limits_.max_deadline),
                           .request_id = call->request_id(),
                           .trace = observation.trace(),
                           .cancelled = call->cancelled(),
                           .client = std::move(client.client)};
  classifier_.Classify(*std::move(domain), std::move(call_context),
                       [call, observation = std::move(observation)](absl::StatusOr<ClassifyResponse> answer) mutable {
                         observation.End(answer);
                         Answer(*call, answer);
                       });
  return call.get();
}

}  // namespace verdict
