#pragma once

#include <string>
#include <vector>

#include "gateway/dialects/dialect.h"
#include "gateway/http/router.h"
#include "gateway/record_stream.h"
#include "gateway/service_access.h"

namespace verdict {

// All routes of the dialects, in their order of precedence. Routes that classify at /invocations do so at /models/{model}/invoke,
// too, where SageMaker's multi-model endpoints ask for one of several models. Bodies of records are read as they arrive.
Router MakeRouter(std::vector<Dialect> dialects, const ServiceAccess& service, const RecordStreamOptions& records = {});

// The pattern of each of these routes and whose it is, each pair once.
struct RouteName {
  std::string path;
  std::string dialect;
};
std::vector<RouteName> RouteNames(const std::vector<Dialect>& dialects);

}  // namespace verdict
