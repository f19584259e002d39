#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gateway/client/classifier_client.h"
#include "gateway/http/http_stream.h"
#include "gateway/http/problem.h"

namespace verdict {

// What of a request goes along with its call, and with its answer, whatever its contract.

// Header with which a caller shortens its deadline: a positive number of milliseconds.
inline constexpr char kTimeoutHeader[] = "x-request-timeout-ms";

// Header with which a caller, or a proxy in front, says on whose behalf it asks; the service shares its lanes among those who
// ask.
inline constexpr char kClientIdHeader[] = "x-client-id";

// What that header says, 1 to 128 visible ASCII characters, else the address that the request came from.
std::string_view ClientId(const HttpRequest& request);

// How long the call may take: `most`, or what the caller asks for if that is sooner. The problem is a 400.
ProblemOr<absl::Duration> ReadTimeout(const HttpRequest& request, absl::Duration most);

// Deadline, and the ids under which caller and service log the request.
CallOptions OptionsFor(const HttpRequest& request, absl::Time deadline);

// The model that the path names, where the body names none.
void NameModel(const HttpRequest& request, ClassifyCall& call);

// X-Amzn-SageMaker-Custom-Attributes come back as they came.
void EchoCustomAttributes(const HttpRequest& request, HttpResponse& response);

// Answers a streamed request with a problem; nothing of another answer has been sent.
using WriteProblem = std::function<HttpResponse(const HttpRequest&, const Problem&)>;
void RefuseStream(HttpStream& stream, const HttpRequest& head, const Problem& problem, const WriteProblem& write);

// Whether there is a result with a label for each of so many inputs.
bool IsComplete(const ClassifyReply& reply, size_t inputs);

// What a reply tells of an exchange.
ExchangeNotes NotesOf(const ClassifyReply& reply);

// Logs of a failed call what its caller is not told.
void LogFailure(const absl::Status& status, const std::string& request_id);

}  // namespace verdict
