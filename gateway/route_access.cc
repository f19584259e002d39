#include "gateway/route_access.h"

#include <algorithm>
#include <array>

namespace verdict {
namespace {

// All routes by path that need no role, or another than to read which models there are.
struct Rule {
  std::string_view path;
  std::optional<Role> role;
};

constexpr std::array kRules = {
    // Health, and what a platform asks before it sends anything.
    Rule{"/", std::nullopt},
    Rule{"/ping", std::nullopt},
    Rule{"/health", std::nullopt},
    Rule{"/v2/health/live", std::nullopt},
    Rule{"/v2/health/ready", std::nullopt},
    Rule{"/execution-parameters", std::nullopt},
    // What is served for people and monitoring.
    Rule{"/metrics", Role::kMetrics},
    Rule{"/openapi.json", Role::kDocs},
    Rule{"/docs", Role::kDocs},
    Rule{"/redoc", Role::kDocs},
    Rule{"/docs/{file}", Role::kDocs},
};

// Of the multi-model contract, what changes something.
bool IsOrder(std::string_view method, std::string_view path) {
  return (method == "POST" && path == "/models") || (method == "DELETE" && path == "/models/{model}");
}

// The health route that Vertex AI names by its environment may be any.
bool AsksForHealth(const QueryRoute& route) {
  const ProblemOr<QueryRoute::Question> question = route.ask(HttpRequest());
  const auto* const asked = std::get_if<QueryRoute::Question>(&question);
  return asked != nullptr && std::holds_alternative<QueryRoute::Health>(*asked);
}

}  // namespace

std::optional<Role> RoleOfQuery(std::string_view method, const QueryRoute& route) {
  if (IsOrder(method, route.path)) return Role::kAdmin;
  const auto* const rule =
      std::find_if(kRules.begin(), kRules.end(), [&](const Rule& known) { return known.path == route.path; });
  if (rule != kRules.end()) return rule->role;
  if (AsksForHealth(route)) return std::nullopt;
  return Role::kModelsRead;
}

}  // namespace verdict
