#pragma once

#include "gateway/http/router.h"
#include "gateway/service_access.h"

namespace verdict {

// The probes of platforms, apart from any contract, as Kubernetes' own servers have them:
//   /livez     the gateway answers; says nothing of the service, which a restart of the gateway would not help
//   /readyz    requests are welcome: the service serves, and the gateway is not about to end
//   /startupz  the service has served once; 200 from then on
// 200 with "ok", or 503 with a line for each thing that was looked at; `?verbose` gives the lines either way.
void AddHealthRoutes(Router& router, const ServiceAccess& service);

}  // namespace verdict
