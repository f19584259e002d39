#pragma once

#include "absl/time/time.h"
#include "gateway/client/classifier_client.h"
#include "gateway/dialects/dialect.h"
#include "gateway/http/http_handler.h"

namespace verdict {

// Header with which a caller shortens its deadline: a positive number of milliseconds.
inline constexpr char kTimeoutHeader[] = "x-request-timeout-ms";

// Joins a route's pure functions with the service: request → call → RPC → reply → response. The deadline of the call is
// `max_timeout` from now, or what the caller asks for if that is sooner. `client` outlives the handler.
HttpHandler MakeClassifyHandler(ClassifyRoute route, ClassifierClient& client, absl::Duration max_timeout);

}  // namespace verdict
