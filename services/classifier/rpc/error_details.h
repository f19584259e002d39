#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/support/status.h"

namespace verdict {

// The reasons of ErrorInfo, which are part of the interface: docs/grpc.md says what each means, and a test compares.
enum class Reason {
  kInvalidRequest,
  kInvalidUtf8,
  kModelNotFound,
  kModelAlreadyLoaded,
  kNotAllowed,
  kUnauthenticated,
  kOverloaded,
  kOutOfMemory,
  kNotServing,
  kDraining,
  kDeadlineExceeded,
  kCancelled,
  kUnimplemented,
  kInternal,
};

// What callers read of a reason.
struct ReasonTraits {
  Reason reason;
  const char* name;                                   // as ErrorInfo has it: "OVERLOADED"
  absl::StatusCode code;                              // with which it comes
  bool retry = false;                                 // whether there is RetryInfo
  absl::Duration retry_after = absl::ZeroDuration();  // where the status does not say (common/retry_delay.h)
};

// The names of all.
std::vector<std::string> ReasonNames();

// Says why, where the code alone does not: the code of a status stands for the reason that is listed first with it.
absl::Status WithReason(absl::Status status, Reason reason);

// The reason that WithReason gave, else the one of the code; kInternal for codes that stand for none.
const ReasonTraits& ReasonOf(const absl::Status& status);

// The path of the field that a message of kInvalidArgument begins with ("inputs[3].text: …" gives "inputs[3].text"), or nothing.
std::string_view FieldOf(std::string_view message);

// A failure as callers see it: ErrorInfo with the domain "verdict", BadRequest for kInvalidArgument, RetryInfo where trying again
// may help, RequestInfo where there is a request id. A failure of ours (kInternal, kUnknown) says no more than that; its message
// belongs in the log. Long messages are cut, so that it fits into a trailer of 8 KiB. `status` is not OK.
google::rpc::Status ToRichError(const absl::Status& status, std::string_view request_id);

// The same as the status of a call, the details in the trailer grpc-status-details-bin. OK stays OK.
grpc::Status ToRichStatus(const absl::Status& status, std::string_view request_id);

// Writes a refusal to the log: faults of ours as errors, the rest for debugging.
void LogRefusal(const absl::Status& status, std::string_view request_id);

}  // namespace verdict
