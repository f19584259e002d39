#include "gateway/route_choice.h"

#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;

ClassifyRoute RouteFor(const std::string& member, Claim claim) {
  ClassifyRoute route;
  route.path = "/x";
  route.shape = "{\"" + member + "\"}";
  route.claims = [member, claim](const HttpRequest&, JsonBody& body) {
    const JsonOutline* outline = body.OutlineIfGood();
    return outline != nullptr && outline->Has(member) ? claim : Claim::kNo;
  };
  return route;
}

class RouteChoiceTest : public ::testing::Test {
 protected:
  std::string Chosen(std::string_view json) {
    JsonBody body(json);
    const auto chosen = ChooseRoute(routes_, HttpRequest(), body);
    if (const auto* problem = std::get_if<Problem>(&chosen)) return std::to_string(problem->status) + " " + problem->detail;
    return std::get<const ClassifyRoute*>(chosen)->shape;
  }

  std::vector<ClassifyRoute> routes_ = {RouteFor("a", Claim::kStrong), RouteFor("b", Claim::kStrong), RouteFor("c", Claim::kWeak),
                                        RouteFor("d", Claim::kWeak)};
};

TEST_F(RouteChoiceTest, TheOneThatClaimsItReadsIt) {
  EXPECT_EQ(Chosen(R"({"b":1})"), R"({"b"})");
  EXPECT_EQ(Chosen(R"({"c":1})"), R"({"c"})");
}

TEST_F(RouteChoiceTest, AStrongClaimGoesBeforeAWeakOne) { EXPECT_EQ(Chosen(R"({"c":1,"b":1})"), R"({"b"})"); }

TEST_F(RouteChoiceTest, TwoClaimsAreAmbiguous) {
  EXPECT_EQ(Chosen(R"({"a":1,"b":1})"),
            R"(400 the body is ambiguous: it can be read as {"a"} or {"b"}; send the members of one of them)");
  EXPECT_THAT(Chosen(R"({"d":1,"c":1})"), HasSubstr("ambiguous"));
}

TEST_F(RouteChoiceTest, WhatNobodyClaimsIsForTheFirst) {
  for (const char* json : {"{}", "{", "", "[]"}) EXPECT_EQ(Chosen(json), R"({"a"})") << json;
}

TEST_F(RouteChoiceTest, ALoneRouteIsNotAsked) {
  routes_.resize(1);
  EXPECT_EQ(Chosen(R"({"b":1})"), R"({"a"})");
}

}  // namespace
}  // namespace verdict
