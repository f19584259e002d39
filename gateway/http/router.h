#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "gateway/http/http_handler.h"
#include "gateway/http/http_stream.h"
#include "gateway/http/path_pattern.h"
#include "gateway/http/problem.h"
#include "security/roles.h"

namespace verdict {

// A method and a path, and who answers them.
struct Route {
  std::string method;
  std::string path;  // see PathPattern
  HttpHandler handler;
  bool needs_body = false;   // without Content-Length or chunks: 411. Where none is needed, what comes is read and dropped
  StreamRoute stream = {};   // who takes bodies as they arrive; the handler has the rest
  std::string dialect = {};  // the contract; see FinishedExchange
  // What its caller must be allowed, where callers are known; without: anybody may use it. Whoever forgets to say gets the least
  // used.
  std::optional<Role> role = Role::kAdmin;
  // How a refusal for want of that is written; empty: as the server's other problems.
  std::function<HttpResponse(const HttpRequest&, const Problem&)> write_problem = {};
};

// Finds the route of a request. Filled before the server starts, then read by all its threads.
class Router {
 public:
  Router() = default;
  Router(Router&&) = default;  // a copy would look into the original

  // Of routes with the same method and path, or patterns that match the same path, the first one added answers; a path without
  // names goes before a pattern.
  void Add(Route route);

  // Method and path of every route, in the order in which they were added.
  std::vector<std::pair<std::string, std::string>> List() const;

  // The route, and what stood at the names of its pattern.
  struct Match {
    const Route* route;  // lives as long as the router
    PathParameters parameters;
  };

  // HEAD finds the route of GET where it has none of its own. Problems: 404 for a path nobody has, 405 with Allow for a method
  // the path does not have, 501 for a method that is not HTTP's.
  ProblemOr<Match> Find(std::string_view method, std::string_view path) const;

 private:
  struct Entry {
    Route route;
    PathPattern pattern;
  };

  std::optional<Match> Lookup(std::string_view method, std::string_view path) const;
  std::string Allowed(std::string_view path) const;  // value of Allow; empty: no such path

  // Routes without names by path; a deque, because a match points into it.
  absl::flat_hash_map<std::string, std::vector<const Entry*>> literal_;
  std::vector<const Entry*> patterns_;
  std::deque<Entry> entries_;
};

}  // namespace verdict
