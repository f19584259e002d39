#include "gateway/route_access.h"

#include <map>

#include "gateway/dialects/registry.h"
#include "gateway/routes.h"
#include "gateway/testing/fake_classifier_client.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

std::string RoleAt(const Router& router, const std::string& method, const std::string& path) {
  const auto found = router.Find(method, path);
  const auto* const match = std::get_if<Router::Match>(&found);
  if (match == nullptr) return "none";
  return match->route->role ? std::string(RoleName(*match->route->role)) : "open";
}

class RouteAccessTest : public ::testing::Test {
 protected:
  static std::vector<Dialect> AllDialects() {
    DialectOptions options;
    options.kserve.vertex_health_route = "/vertex/alive";
    return *MakeDialects(options);
  }

  FakeClassifierClient client_;
  Router router_ = MakeRouter(AllDialects(), ServiceAccess{client_});
};

// Every route: one that is new has to be entered here, and by that thought about.
TEST_F(RouteAccessTest, EveryRouteNeedsWhatItShould) {
  const std::map<std::string, std::string> not_inference = {
      {"GET /ping", "open"},
      {"POST /ping", "open"},
      {"GET /health", "open"},
      {"GET /", "open"},
      {"GET /v2/health/live", "open"},
      {"GET /v2/health/ready", "open"},
      {"GET /vertex/alive", "open"},
      {"GET /execution-parameters", "open"},
      {"POST /models", "admin"},
      {"DELETE /models/{model}", "admin"},
      {"GET /models", "models-read"},
      {"GET /models/{model}", "models-read"},
      {"GET /models/info", "models-read"},
      {"GET /info", "models-read"},
      {"GET /version", "models-read"},
      {"GET /v1/models", "models-read"},
      {"GET /v1/models/{model}", "models-read"},
      {"GET /v2", "models-read"},
      {"GET /v2/models", "models-read"},
      {"POST /v2/repository/index", "models-read"},
      {"GET /v2/models/{model}", "models-read"},
      {"GET /v2/models/{model}/ready", "models-read"},
      {"GET /v2/models/{model}/versions/{version}", "models-read"},
      {"GET /v2/models/{model}/versions/{version}/ready", "models-read"},
      {"GET /openapi.json", "docs"},
      {"GET /docs", "docs"},
      {"GET /redoc", "docs"},
      {"GET /docs/{file}", "docs"},
      {"GET /metrics", "metrics"},
      {"GET /livez", "open"},
      {"GET /readyz", "open"},
      {"GET /startupz", "open"},
  };
  for (const auto& [method, path] : router_.List()) {
    const auto expected = not_inference.find(method + " " + path);
    EXPECT_EQ(RoleAt(router_, method, path), expected == not_inference.end() ? "inference" : expected->second)
        << method << " " << path;
  }
}

TEST_F(RouteAccessTest, RefusalsAreWrittenAsTheContractWritesProblems) {
  for (const auto& [method, path] : router_.List()) {
    const auto found = router_.Find(method, path);
    if (!std::get<Router::Match>(found).route->role) continue;  // nobody is refused
    EXPECT_TRUE(std::get<Router::Match>(found).route->write_problem) << method << " " << path;
  }
}

TEST(RouteTest, WhoForgetsToSayGetsTheLeastUsedRole) { EXPECT_EQ(Route().role, Role::kAdmin); }

}  // namespace
}  // namespace verdict
