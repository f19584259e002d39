#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "gateway/http/cors.h"
#include "gateway/http/http_observer.h"
#include "gateway/http/problem.h"

namespace verdict {

// What a server answers by itself, before and around its handlers.
struct HttpConventions {
  CorsPolicy cors = {};
  // How a problem that no handler saw is written: no such path, a body that is too large.
  std::function<HttpResponse(const HttpRequest&, const Problem&)> write_problem =
      [](const HttpRequest& request, const Problem& problem) { return ToResponse(problem, request.request_id); };
  // Who is told of every connection and exchange.
  std::vector<std::shared_ptr<HttpObserver>> observers = {};
};

}  // namespace verdict
