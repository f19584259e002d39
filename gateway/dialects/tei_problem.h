#pragma once

#include <string>

#include "gateway/http/http_message.h"
#include "gateway/http/problem.h"

namespace verdict {

// A mistake of the caller under the type names of text-embeddings-inference: 422 "Validation", or 400 "Empty".
Problem TeiValidation(std::string detail);
Problem TeiEmpty(std::string detail);

// {"error":"…","error_type":"…"}. Problems that come from elsewhere get the status and the type that the contract has for them:
// what the service refuses is 422 Validation, overload 429 Overloaded, a fault of ours 424 Backend, absence 503 Unhealthy; other
// statuses stay.
HttpResponse WriteTeiProblem(const HttpRequest& request, const Problem& problem);

}  // namespace verdict
