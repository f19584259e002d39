#include "gateway/routes.h"

#include <set>

#include "absl/strings/ascii.h"
#include "boost/json/parse.hpp"
#include "boost/json/value.hpp"
#include "gateway/dialects/registry.h"
#include "gateway/testing/fake_classifier_client.h"
#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::IsSubsetOf;

using Routes = std::set<std::pair<std::string, std::string>>;

class RoutesTest : public ::testing::Test {
 protected:
  static std::vector<Dialect> AllDialects() {
    auto dialects = MakeDialects({});
    EXPECT_TRUE(dialects.ok()) << dialects.status();
    return dialects.ok() ? *std::move(dialects) : std::vector<Dialect>();
  }

  Routes Registered() {
    const auto list = router_.List();
    Routes routes(list.begin(), list.end());
    routes.emplace("GET", "/metrics");  // which Gateway adds
    return routes;
  }

  // What GET /openapi.json answers.
  Routes Documented() {
    HttpResponse answer;
    const auto match = router_.Find("GET", "/openapi.json");
    std::get<Router::Match>(match).route->handler({}, [&](HttpResponse response) { answer = std::move(response); });
    Routes routes;
    const boost::json::value document = boost::json::parse(answer.body);
    for (const auto& path : document.at("paths").as_object()) {
      for (const auto& operation : path.value().as_object()) {
        const std::string method(operation.key());
        routes.emplace(absl::AsciiStrToUpper(method), std::string(path.key()));
      }
    }
    return routes;
  }

  FakeClassifierClient client_;
  const Router router_ = MakeRouter(AllDialects(), {client_});
};

TEST_F(RoutesTest, TheDocumentHasEveryRouteAndNoOther) {
  EXPECT_THAT(Registered(), IsSubsetOf(Documented()));
  EXPECT_THAT(Documented(), IsSubsetOf(Registered()));
  EXPECT_TRUE(Registered().contains({"POST", "/models/{model}/invoke"}));
}

}  // namespace
}  // namespace verdict
