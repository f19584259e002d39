#pragma once

#include "absl/status/statusor.h"
#include "services/classifier/api/classifier.h"
#include "verdict/v1/classifier.pb.h"

namespace verdict {

// verdict.v1 messages to domain values and back. Errors: kInvalidArgument, naming the field.
absl::StatusOr<ClassifyRequest> FromProto(v1::ClassifyRequest&& message, int max_inputs);
void ToProto(const ClassifyResponse& response, v1::ClassifyResponse& message);

// Why `bytes` could not be parsed as a ClassifyRequest: kInvalidArgument that names the text and the byte which is not UTF-8, or
// says that the message is malformed. Protobuf's own parser tells only that it failed.
absl::Status ExplainParseFailure(const std::string& bytes);

}  // namespace verdict
