#include "services/classifier/rpc/unary_call.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/steady_clock.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "services/classifier/rpc/error_details.h"

namespace verdict {
namespace {

using google::protobuf::MessageLite;

constexpr char kRequestIdKey[] = "x-request-id";
constexpr size_t kMaxRequestId = 128;

}  // namespace

bool IsRequestId(std::string_view id) {
  return !id.empty() && id.size() <= kMaxRequestId &&
         std::all_of(id.begin(), id.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

std::string ReadRequestId(const grpc::CallbackServerContext& context) {
  const auto found = context.client_metadata().find(kRequestIdKey);
  if (found == context.client_metadata().end()) return {};
  const std::string_view id(found->second.data(), found->second.size());
  return IsRequestId(id) ? std::string(id) : std::string();
}

std::string EchoRequestId(grpc::CallbackServerContext& context) {
  std::string request_id = ReadRequestId(context);
  if (!request_id.empty()) context.AddTrailingMetadata(kRequestIdKey, request_id);
  return request_id;
}

std::string Flatten(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

absl::Status MessageDidNotArrive() { return absl::CancelledError("the call ended before its message had arrived"); }

bool ParseMessage(const grpc::ByteBuffer& buffer, MessageLite& message) {
  grpc::ByteBuffer bytes = buffer;  // shares the slices; Deserialize empties its argument
  return grpc::SerializationTraits<MessageLite>::Deserialize(&bytes, &message).ok();
}

grpc::Status SerializeMessage(const MessageLite& message, grpc::ByteBuffer& buffer) {
  bool own_buffer = false;
  return grpc::SerializationTraits<MessageLite>::Serialize(message, &buffer, &own_buffer);
}

absl::Time DeadlineOf(const grpc::CallbackServerContext& context, absl::Duration longest) {
  return std::min(FromWallClock(context.deadline()), SteadyNow() + longest);
}

UnaryCall::UnaryCall(grpc::CallbackServerContext& context, grpc::ByteBuffer* response, std::shared_ptr<UnreadAnswers> unread)
    : context_(context), request_id_(EchoRequestId(context)), response_(response), unread_(std::move(unread)) {}

std::shared_ptr<UnaryCall> UnaryCall::Begin(grpc::CallbackServerContext& context, grpc::ByteBuffer* response,
                                            std::shared_ptr<UnreadAnswers> unread) {
  auto call = std::make_shared<UnaryCall>(context, response, std::move(unread));
  call->held_by_grpc_ = call;
  return call;
}

void UnaryCall::Answer(const MessageLite& message) {
  const grpc::Status status = SerializeMessage(message, *response_);
  answer_ =
      UnreadAnswers::Add(unread_, static_cast<int64_t>(response_->Length()), [&context = context_] { context.TryCancel(); });
  Finish(status);
}

void UnaryCall::Refuse(const absl::Status& status) {
  LogRefusal(status, request_id_);
  Finish(ToRichStatus(status, request_id_));
}

void UnaryCall::OnDone() {
  answer_ = {};
  held_by_grpc_.reset();
}

std::function<bool()> UnaryCall::cancelled() {
  return [self = shared_from_this()] { return self->cancelled_.load(); };
}

}  // namespace verdict
