#pragma once

#include <functional>

#include "absl/status/status.h"
#include "gateway/client/classifier_client.h"
#include "gateway/dialects/dialect.h"
#include "gateway/http/http_handler.h"

namespace verdict {

// Tells whether the process of the service runs, where that is known better than by asking the service.
using ProcessState = std::function<absl::Status()>;

// Asks the service whether it takes requests, each time: a probe that answers from memory tells what was. Answers within the two
// seconds that SageMaker waits. `client` outlives the handler; `process` may be empty.
HttpHandler MakeHealthHandler(HealthRoute route, ClassifierClient& client, ProcessState process);

}  // namespace verdict
