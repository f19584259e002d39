#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/unread_answers.h"
#include "google/protobuf/message_lite.h"
#include "grpcpp/grpcpp.h"
#include "services/classifier/api/classifier.h"

namespace verdict {

// Whether an id may be one: 1 to 128 visible ASCII characters. gRPC takes any bytes from a caller, but ends the process when it
// is to send some of them.
bool IsRequestId(std::string_view id);

// The x-request-id of a call; empty where there is none, or none that may be one.
std::string ReadRequestId(const grpc::CallbackServerContext& context);

// The same, and returns it to the caller in the trailer.
std::string EchoRequestId(grpc::CallbackServerContext& context);

// All bytes of a message in one piece.
std::string Flatten(const grpc::ByteBuffer& buffer);

// Of a call without a message, which gRPC hands on where its caller left before the end of it, or where it ended the call itself
// because all messages together had become too large. Whoever ends his half of a call without a message hears it, too.
absl::Status MessageDidNotArrive();

// False where the bytes are no such message.
bool ParseMessage(const grpc::ByteBuffer& buffer, google::protobuf::MessageLite& message);

grpc::Status SerializeMessage(const google::protobuf::MessageLite& message, grpc::ByteBuffer& buffer);

// Until when a request may take, by SteadyNow(): what its caller asks for, and `longest` from now at most.
absl::Time DeadlineOf(const grpc::CallbackServerContext& context, absl::Duration longest);

// One call whose messages we read and write ourselves: lives until both gRPC and whoever holds it are done with it.
class UnaryCall final : public grpc::ServerUnaryReactor, public std::enable_shared_from_this<UnaryCall> {
 public:
  // `response` is gRPC's and lives until Answer or Refuse. `unread` limits answers; null: nothing does.
  static std::shared_ptr<UnaryCall> Begin(grpc::CallbackServerContext& context, grpc::ByteBuffer* response,
                                          std::shared_ptr<UnreadAnswers> unread);

  UnaryCall(grpc::CallbackServerContext& context, grpc::ByteBuffer* response, std::shared_ptr<UnreadAnswers> unread);

  // Exactly one of them, once, on any thread.
  void Answer(const google::protobuf::MessageLite& message);
  void Refuse(const absl::Status& status);

  const std::string& request_id() const { return request_id_; }
  // For CallContext.
  std::function<bool()> cancelled();

 private:
  void OnDone() override;
  void OnCancel() override { cancelled_ = true; }

  const grpc::CallbackServerContext& context_;  // until OnDone
  const std::string request_id_;
  grpc::ByteBuffer* const response_;
  const std::shared_ptr<UnreadAnswers> unread_;
  UnreadAnswers::Entry answer_;
  std::atomic<bool> cancelled_{false};
  std::shared_ptr<UnaryCall> held_by_grpc_;  // gRPC itself holds a plain pointer until OnDone
};

}  // namespace verdict
