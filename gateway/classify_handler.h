#pragma once

#include <vector>

#include "gateway/dialects/dialect.h"
#include "gateway/http/http_handler.h"
#include "gateway/service_access.h"

namespace verdict {

// Joins the pure functions of the routes of one path with the service: request → whose shape → call → RPC → reply → response. The
// deadline of the call is the service's request timeout from now, or what the caller asks for if that is sooner.
// X-Amzn-SageMaker-Custom-Attributes come back with every answer. `routes` is not empty.
HttpHandler MakeClassifyHandler(std::vector<ClassifyRoute> routes, ServiceAccess service);

}  // namespace verdict
