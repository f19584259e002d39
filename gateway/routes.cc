#include "gateway/routes.h"

#include <algorithm>
#include <string>
#include <utility>

#include "gateway/classify_handler.h"
#include "gateway/health_routes.h"
#include "gateway/query_handler.h"
#include "gateway/route_access.h"

namespace verdict {
namespace {

constexpr char kInvocations[] = "/invocations";
constexpr char kInvokeModel[] = "/models/{model}/invoke";

// The routes of one path.
struct PathRoutes {
  std::string path;
  std::vector<ClassifyRoute> routes;
};

std::vector<PathRoutes> ByPath(std::vector<Dialect>& dialects) {
  std::vector<PathRoutes> paths;
  for (Dialect& dialect : dialects) {
    for (ClassifyRoute& route : dialect.classify) {
      auto found = std::find_if(paths.begin(), paths.end(), [&](const PathRoutes& known) { return known.path == route.path; });
      if (found == paths.end()) found = paths.insert(paths.end(), {route.path, {}});
      route.dialect = dialect.name;
      found->routes.push_back(std::move(route));
    }
  }
  return paths;
}

// Who takes bodies of records at a path: the first dialect that does; nobody, where none does.
StreamRoute RecordsAt(const std::string& path, const std::vector<Dialect>& dialects, const ServiceAccess& service,
                      const RecordStreamOptions& options, const HttpHandler& handler) {
  for (const Dialect& dialect : dialects) {
    for (const RecordRoute& route : dialect.records) {
      if (route.path != path) continue;
      StreamRoute stream = MakeRecordStream(route, service, options, handler);
      stream.dialect = dialect.name;
      return stream;
    }
  }
  return {};
}

}  // namespace

Router MakeRouter(std::vector<Dialect> dialects, const ServiceAccess& service, const RecordStreamOptions& records) {
  Router router;
  AddHealthRoutes(router, service);
  for (PathRoutes& path : ByPath(dialects)) {
    const std::vector<std::string> methods = path.routes.front().methods;
    const std::string first = path.routes.front().dialect;
    const auto write_problem = path.routes.front().write_problem;
    const HttpHandler handler = MakeClassifyHandler(std::move(path.routes), service);
    const StreamRoute stream = RecordsAt(path.path, dialects, service, records, handler);
    if (path.path == kInvocations)
      router.Add({"POST", kInvokeModel, handler, /*needs_body=*/true, stream, first, Role::kInference, write_problem});
    for (const std::string& method : methods)
      router.Add({method, path.path, handler, /*needs_body=*/true, stream, first, Role::kInference, write_problem});
  }
  for (Dialect& dialect : dialects) {
    for (QueryRoute& route : dialect.queries) {
      const HttpHandler handler = MakeQueryHandler(route, service);
      for (const std::string& method : route.methods) {
        const auto role = RoleOfQuery(method, route);
        router.Add({method, route.path, handler, route.needs_body, {}, dialect.name, role, route.write_problem});
      }
    }
  }
  return router;
}

std::vector<RouteName> RouteNames(const std::vector<Dialect>& dialects) {
  std::vector<RouteName> names;
  const auto add = [&](const std::string& path, const std::string& dialect) {
    const bool known =
        std::any_of(names.begin(), names.end(), [&](const RouteName& n) { return n.path == path && n.dialect == dialect; });
    if (!known) names.push_back({path, dialect});
  };
  for (const Dialect& dialect : dialects) {
    const auto classifies = [&](const std::string& path) {
      add(path, dialect.name);
      if (path == kInvocations) add(kInvokeModel, dialect.name);
    };
    for (const ClassifyRoute& route : dialect.classify) classifies(route.path);
    for (const RecordRoute& route : dialect.records) classifies(route.path);
    for (const QueryRoute& route : dialect.queries) add(route.path, dialect.name);
  }
  return names;
}

}  // namespace verdict
