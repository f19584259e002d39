#include "gateway/health_routes.h"

#include <string>

#include "gateway/testing/fake_classifier_client.h"
#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;

class HealthRoutesTest : public ::testing::Test {
 protected:
  HealthRoutesTest() {
    service_.process = [this] { return process_; };
    AddHealthRoutes(router_, service_);
  }

  HttpResponse Ask(const std::string& path, const std::string& query = "") {
    HttpRequest request{.method = "GET", .path = path, .query = query, .headers = {}, .body = {}, .request_id = "id"};
    HttpResponse answer;
    std::get<Router::Match>(router_.Find("GET", path)).route->handler(request, [&](HttpResponse response) {
      answer = std::move(response);
    });
    return answer;
  }

  FakeClassifierClient client_;
  absl::Status process_;
  ServiceAccess service_{client_};
  Router router_;
};

TEST_F(HealthRoutesTest, AllSayOkWhileTheServiceServes) {
  for (const char* path : {"/livez", "/readyz", "/startupz"}) {
    const HttpResponse answer = Ask(path);
    EXPECT_EQ(answer.status, 200) << path;
    EXPECT_EQ(answer.body, "ok\n") << path;
    EXPECT_EQ(answer.headers.Find("Cache-Control"), "no-store") << path;
  }
  EXPECT_EQ(Ask("/readyz", "verbose").body, "[+]gateway ok\n[+]service ok\nreadyz check passed\n");
  EXPECT_EQ(Ask("/livez", "a=b&verbose=1").body, "[+]gateway ok\nlivez check passed\n");
  EXPECT_EQ(Ask("/livez", "verbosely").body, "ok\n");
}

TEST_F(HealthRoutesTest, OnlyReadinessFollowsTheServiceOnceItHasServed) {
  client_.SetHealth(absl::UnavailableError("it is loading"));
  EXPECT_EQ(Ask("/livez").status, 200);
  EXPECT_EQ(Ask("/readyz").body, "[+]gateway ok\n[-]service failed: it is loading\nreadyz check failed\n");
  const HttpResponse starting = Ask("/startupz");
  EXPECT_EQ(starting.status, 503);
  EXPECT_EQ(starting.body, "[-]service failed: it is loading\nstartupz check failed\n");
  EXPECT_EQ(starting.headers.Find("Retry-After"), "1");
  client_.SetHealth(absl::OkStatus());
  EXPECT_EQ(Ask("/readyz").status, 200);
  client_.SetHealth(absl::UnavailableError("gone"));
  EXPECT_EQ(Ask("/readyz").status, 503);
  EXPECT_EQ(Ask("/startupz").status, 200);
}

TEST_F(HealthRoutesTest, TheProcessOfTheServiceIsLookedAtFirst) {
  process_ = absl::UnavailableError("it is being started again");
  EXPECT_THAT(Ask("/readyz").body, HasSubstr("service failed: it is being started again"));
  EXPECT_EQ(Ask("/livez").status, 200);
}

TEST_F(HealthRoutesTest, AGatewayThatLeavesIsNotReadyButLives) {
  service_.lifecycle->Leave();
  EXPECT_EQ(Ask("/readyz").body, "[-]gateway failed: it is shutting down\n[+]service ok\nreadyz check failed\n");
  EXPECT_EQ(Ask("/livez").status, 200);
  EXPECT_EQ(Ask("/startupz").status, 200);
}

}  // namespace
}  // namespace verdict
