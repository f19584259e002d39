#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/http/cors.h"
#include "gateway/http/http_observer.h"
#include "gateway/http/problem.h"
#include "security/roles.h"

namespace verdict {

class TlsContext;

// A request that wants to use a route.
struct AuthorizationRequest {
  const HttpRequest& request;                   // without its body
  Role role;                                    // that the route needs
  const std::vector<std::string>* certificate;  // names in the caller's certificate, which is verified; null: it has none
  std::string& caller;                          // whose credential it is, filled in where that is known
  std::string& client;                          // whose request it is (HttpRequest::client), filled in for one that is let in
};

// What a server answers by itself, before and around its handlers.
struct HttpConventions {
  CorsPolicy cors = {};
  // How a problem that no handler saw is written: no such path, a body that is too large.
  std::function<HttpResponse(const HttpRequest&, const Problem&)> write_problem =
      [](const HttpRequest& request, const Problem& problem) { return ToResponse(problem, request.request_id); };
  // Who is told of every connection and exchange.
  std::vector<std::shared_ptr<HttpObserver>> observers = {};
  // Whether a request may use a route that needs a role, or why not: a 401 or 403. Empty: every request may. Called on any of the
  // server's threads, before the body is read.
  std::function<std::optional<Problem>(const AuthorizationRequest&)> authorize = {};
  std::shared_ptr<TlsContext> tls = nullptr;  // null: connections are plain
};

}  // namespace verdict
