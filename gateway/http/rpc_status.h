#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gateway/http/problem.h"

namespace verdict {

// The HTTP status of an RPC's code; codes that verdict.v1 does not promise are faults of ours, 500. kOutOfRange is the client's
// word for a request larger than the service reads.
int HttpStatusOf(absl::StatusCode code);

// When to try again: Retry-After in whole seconds, rounded up and at least 1, and x-retry-after-ms, which is exact.
void AddRetryAfter(absl::Duration delay, Problem& problem);

// What the caller is told about a failed RPC. The messages of INVALID_ARGUMENT, NOT_FOUND and RESOURCE_EXHAUSTED are written for
// callers and travel along; the others may speak of our insides, so a sentence of our own stands in, and the message belongs in
// the log. Overload and absence say when to try again: what the status says (common/retry_delay.h), else after a second.
Problem ProblemFromStatus(const absl::Status& status);

}  // namespace verdict
