#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/support/byte_buffer.h"
#include "services/classifier/api/classifier.h"

namespace verdict {

// One message of a stream: the id to answer with, and what to classify or why not.
struct StreamRequest {
  std::string id;
  bool unordered = false;
  absl::StatusOr<ClassifyRequest> request;  // errors: those of FromProto and ExplainParseFailure, fields named as in Classify
};

// Error: kInvalidArgument where there is no telling what to answer: no StreamClassifyRequest at all, an id that is not UTF-8,
// or more fields than CheckFields lets pass.
absl::StatusOr<StreamRequest> ReadStreamRequest(const grpc::ByteBuffer& buffer, int max_inputs);

grpc::ByteBuffer WriteStreamAnswer(const std::string& id, const ClassifyResponse& response);
grpc::ByteBuffer WriteStreamError(const std::string& id, google::rpc::Status error);

}  // namespace verdict
