#include "gateway/http/router.h"

#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Optional;
using ::testing::Pair;

class RouterTest : public ::testing::Test {
 protected:
  RouterTest() {
    for (const char* method : {"GET", "POST"}) router_.Add({method, "/ping", nullptr});
    router_.Add({"POST", "/invocations", nullptr, true});
    router_.Add({"DELETE", "/thing", nullptr});
  }

  const Route* Found(std::string_view method, std::string_view path) const {
    const auto found = router_.Find(method, path);
    const auto* match = std::get_if<Router::Match>(&found);
    return match ? match->route : nullptr;
  }

  Problem Refused(std::string_view method, std::string_view path) const {
    const auto found = router_.Find(method, path);
    const auto* problem = std::get_if<Problem>(&found);
    return problem ? *problem : Problem{0, "found"};
  }

  Router router_;
};

TEST_F(RouterTest, FindsByMethodAndPath) {
  ASSERT_NE(Found("GET", "/ping"), nullptr);
  EXPECT_EQ(Found("GET", "/ping")->method, "GET");
  EXPECT_EQ(Found("POST", "/ping")->method, "POST");
  EXPECT_TRUE(Found("POST", "/invocations")->needs_body);
}

TEST_F(RouterTest, HeadIsAnsweredWhereGetIs) {
  ASSERT_NE(Found("HEAD", "/ping"), nullptr);
  EXPECT_EQ(Found("HEAD", "/ping")->method, "GET");
  EXPECT_EQ(Refused("HEAD", "/invocations").status, 405);
}

TEST_F(RouterTest, AnUnknownPathIs404) {
  for (const char* path : {"/", "/ping/", "/Ping", "/pin", "", "*"}) EXPECT_EQ(Refused("GET", path).status, 404) << path;
  EXPECT_THAT(Refused("GET", "/nowhere").detail, HasSubstr("/nowhere"));
  EXPECT_LT(Refused("GET", "/" + std::string(4000, 'x')).detail.size(), 300u);
}

TEST_F(RouterTest, AnotherMethodIs405AndSaysWhichAreAllowed) {
  const Problem problem = Refused("PUT", "/ping");
  EXPECT_EQ(problem.status, 405);
  EXPECT_THAT(problem.headers.Find("Allow"), Optional(std::string_view("GET, HEAD, POST")));
  router_.Add({"POST", "/long/{name}", nullptr});
  EXPECT_LT(Refused("GET", "/long/" + std::string(4000, 'x')).detail.size(), 300u);
  EXPECT_THAT(Refused("GET", "/invocations").headers.Find("Allow"), Optional(std::string_view("POST")));
  EXPECT_THAT(Refused("OPTIONS", "/thing").headers.Find("Allow"), Optional(std::string_view("DELETE")));
}

TEST_F(RouterTest, APatternGivesItsParameters) {
  router_.Add({"GET", "/models/{model}", nullptr});
  router_.Add({"DELETE", "/models/{name}", nullptr});
  const auto found = router_.Find("HEAD", "/models/a%20b");
  ASSERT_TRUE(std::holds_alternative<Router::Match>(found));
  EXPECT_EQ(std::get<Router::Match>(found).route->path, "/models/{model}");
  EXPECT_THAT(std::get<Router::Match>(found).parameters, ElementsAre(Pair("model", "a b")));
  EXPECT_EQ(Found("DELETE", "/models/a")->path, "/models/{name}");
  EXPECT_THAT(Refused("POST", "/models/a").headers.Find("Allow"), Optional(std::string_view("DELETE, GET, HEAD")));
  EXPECT_EQ(Refused("GET", "/models/").status, 404);
}

TEST_F(RouterTest, APathWithoutNamesGoesBeforeAPattern) {
  router_.Add({"GET", "/models/{model}", nullptr});
  router_.Add({"GET", "/models/info", nullptr});
  EXPECT_EQ(Found("GET", "/models/info")->path, "/models/info");
  EXPECT_EQ(Found("GET", "/models/other")->path, "/models/{model}");
}

TEST_F(RouterTest, OfTwoAlikeTheFirstAnswers) {
  router_.Add({"POST", "/ping", nullptr, true});
  EXPECT_FALSE(Found("POST", "/ping")->needs_body);
}

TEST_F(RouterTest, AMethodThatIsNotHttpIs501) {
  EXPECT_EQ(Refused("BREW", "/ping").status, 501);
  EXPECT_EQ(Refused("get", "/ping").status, 501);  // methods are case-sensitive
}

}  // namespace
}  // namespace verdict
