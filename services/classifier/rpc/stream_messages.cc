#include "services/classifier/rpc/stream_messages.h"

#include <utility>

#include "common/utf8.h"
#include "google/protobuf/empty.pb.h"
#include "google/protobuf/unknown_field_set.h"
#include "services/classifier/rpc/classify_messages.h"
#include "services/classifier/rpc/unary_call.h"
#include "services/classifier/rpc/wire_fields.h"
#include "verdict/v1/classifier.pb.h"

namespace verdict {
namespace {

// Takes a message apart that protobuf would not parse, as far as its two outer fields go. A field that is there twice counts as
// protobuf counts it: the last id, and all pieces of a request.
absl::StatusOr<StreamRequest> ReadBrokenRequest(const std::string& bytes) {
  google::protobuf::Empty untyped;
  if (!untyped.ParseFromString(bytes))
    return absl::InvalidArgumentError("a message of the stream is no well-formed verdict.v1.StreamClassifyRequest");
  StreamRequest read{.id = {}, .unordered = false, .request = absl::UnknownError("")};
  std::string request;
  const auto& fields = untyped.GetReflection()->GetUnknownFields(untyped);
  for (int i = 0; i < fields.field_count(); ++i) {
    const auto& field = fields.field(i);
    if (field.type() == google::protobuf::UnknownField::TYPE_VARINT) {
      if (field.number() == v1::StreamClassifyRequest::kUnorderedFieldNumber) read.unordered = field.varint() != 0;
    } else if (field.type() == google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED) {
      if (field.number() == v1::StreamClassifyRequest::kIdFieldNumber) read.id = field.length_delimited();
      if (field.number() == v1::StreamClassifyRequest::kRequestFieldNumber) request += field.length_delimited();
    }
  }
  if (FindInvalidUtf8(read.id)) return absl::InvalidArgumentError("id: is not valid UTF-8");
  read.request = ExplainParseFailure(request);
  return read;
}

grpc::ByteBuffer Write(const v1::StreamClassifyResponse& message) {
  grpc::ByteBuffer buffer;
  (void)SerializeMessage(message, buffer);  // fails only over 2 GiB, far beyond any answer
  return buffer;
}

}  // namespace

absl::StatusOr<StreamRequest> ReadStreamRequest(const grpc::ByteBuffer& buffer, int max_inputs) {
  constexpr int kRequest = v1::StreamClassifyRequest::kRequestFieldNumber, kInputs = v1::ClassifyRequest::kInputsFieldNumber;
  if (absl::Status status = CheckFields(buffer, {kRequest, kInputs}, max_inputs); !status.ok()) return status;
  v1::StreamClassifyRequest message;
  if (!ParseMessage(buffer, message)) return ReadBrokenRequest(Flatten(buffer));
  return StreamRequest{.id = std::move(*message.mutable_id()),
                       .unordered = message.unordered(),
                       .request = FromProto(std::move(*message.mutable_request()), max_inputs)};
}

grpc::ByteBuffer WriteStreamAnswer(const std::string& id, const ClassifyResponse& response) {
  v1::StreamClassifyResponse message;
  message.set_id(id);
  ToProto(response, *message.mutable_response());
  return Write(message);
}

grpc::ByteBuffer WriteStreamError(const std::string& id, google::rpc::Status error) {
  v1::StreamClassifyResponse message;
  message.set_id(id);
  *message.mutable_error() = std::move(error);
  return Write(message);
}

}  // namespace verdict
