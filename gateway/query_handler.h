#pragma once

#include "gateway/dialects/dialect.h"
#include "gateway/http/http_handler.h"
#include "gateway/service_access.h"

namespace verdict {

// Joins a query route's pure functions with the service: request → question → answer → response.
HttpHandler MakeQueryHandler(QueryRoute route, ServiceAccess service);

}  // namespace verdict
