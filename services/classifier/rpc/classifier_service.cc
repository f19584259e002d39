#include "services/classifier/rpc/classifier_service.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/grpc_status.h"
#include "common/logging.h"
#include "services/classifier/rpc/classify_messages.h"

namespace verdict {
namespace {

constexpr char kRequestIdKey[] = "x-request-id";
constexpr size_t kMaxRequestId = 128;

std::string ReadRequestId(const grpc::CallbackServerContext& context) {
  const auto found = context.client_metadata().find(kRequestIdKey);
  if (found == context.client_metadata().end()) return {};
  return std::string(found->second.data(), std::min(found->second.size(), kMaxRequestId));
}

std::string Flatten(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

absl::StatusOr<ClassifyRequest> Read(const grpc::ByteBuffer& buffer, int max_inputs) {
  grpc::ByteBuffer bytes = buffer;  // shares the slices; Deserialize empties its argument
  v1::ClassifyRequest message;
  if (!grpc::SerializationTraits<v1::ClassifyRequest>::Deserialize(&bytes, &message).ok())
    return ExplainParseFailure(Flatten(buffer));
  return FromProto(std::move(message), max_inputs);
}

// One call: lives until both gRPC and the classifier are done with it.
class Call final : public grpc::ServerUnaryReactor, public std::enable_shared_from_this<Call> {
 public:
  Call(std::string request_id, grpc::ByteBuffer* response) : request_id_(std::move(request_id)), response_(response) {}

  // gRPC holds a plain pointer until OnDone.
  void HoldForGrpc() { held_by_grpc_ = shared_from_this(); }
  void OnDone() override { held_by_grpc_.reset(); }
  void OnCancel() override { cancelled_ = true; }
  bool cancelled() const { return cancelled_; }

  void Answer(const absl::StatusOr<ClassifyResponse>& answer) {
    if (!answer.ok()) return Refuse(answer.status());
    v1::ClassifyResponse message;
    ToProto(*answer, message);
    bool own_buffer = false;
    const grpc::Status status = grpc::SerializationTraits<v1::ClassifyResponse>::Serialize(message, response_, &own_buffer);
    LogDebug("classified", {{"request_id", request_id_},
                            {"texts", message.results_size()},
                            {"model", message.model()},
                            {"total_us", message.times().total_us()},
                            {"queue_us", message.times().queue_us()}});
    Finish(status);
  }

  void Refuse(const absl::Status& status) {
    const bool ours = status.code() == absl::StatusCode::kInternal || status.code() == absl::StatusCode::kUnknown;
    Log(ours ? LogLevel::kError : LogLevel::kDebug, "classification refused",
        {{"request_id", request_id_}, {"code", absl::StatusCodeToString(status.code())}, {"error", status.message()}});
    Finish(ours ? grpc::Status(grpc::StatusCode::INTERNAL, "the service failed; its log has the details under the request id")
                : ToGrpcStatus(status));
  }

 private:
  const std::string request_id_;
  grpc::ByteBuffer* response_;
  std::atomic<bool> cancelled_{false};
  std::shared_ptr<Call> held_by_grpc_;
};

}  // namespace

grpc::ServerUnaryReactor* ClassifierService::Classify(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                                      grpc::ByteBuffer* response) {
  const std::string request_id = ReadRequestId(*context);
  if (!request_id.empty()) context->AddTrailingMetadata(kRequestIdKey, request_id);
  auto call = std::make_shared<Call>(request_id, response);
  call->HoldForGrpc();
  grpc::ServerUnaryReactor* reactor = call.get();
  absl::StatusOr<ClassifyRequest> domain = Read(*request, limits_.max_inputs);
  if (!domain.ok()) {
    call->Refuse(domain.status());
    return reactor;
  }
  const absl::Time asked = absl::FromChrono(context->deadline());
  CallContext call_context{.deadline = std::min(asked, absl::Now() + limits_.max_deadline),
                           .request_id = request_id,
                           .cancelled = [call] { return call->cancelled(); }};
  classifier_.Classify(*std::move(domain), std::move(call_context),
                       [call](absl::StatusOr<ClassifyResponse> answer) { call->Answer(answer); });
  return reactor;
}

}  // namespace verdict
