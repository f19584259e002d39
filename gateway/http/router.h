#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/http_handler.h"
#include "gateway/http/problem.h"

namespace verdict {

// A method and a path, and who answers them.
struct Route {
  std::string method;
  std::string path;
  HttpHandler handler;
  bool needs_body = false;  // without Content-Length or chunks: 411
};

// Finds the route of a request. Filled before the server starts, then read by all its threads.
class Router {
 public:
  void Add(Route route) { routes_.push_back(std::move(route)); }

  // The route; HEAD finds the route of GET where it has none of its own. Problems: 404 for a path nobody has, 405 with Allow for
  // a method the path does not have, 501 for a method that is not HTTP's. The pointer lives as long as the router.
  ProblemOr<const Route*> Find(std::string_view method, std::string_view path) const;

 private:
  const Route* Exact(std::string_view method, std::string_view path) const;
  std::string Allowed(std::string_view path) const;  // value of Allow; empty: no such path

  std::vector<Route> routes_;
};

}  // namespace verdict
