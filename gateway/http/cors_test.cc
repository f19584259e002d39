#include "gateway/http/cors.h"

#include "gmock/gmock.h"

namespace verdict {
namespace {

constexpr char kPage[] = "https://page.example";

HttpRequest From(std::string_view origin, std::string_view method = "POST") {
  HttpRequest request{.method = std::string(method), .path = "/", .query = {}, .headers = {}, .body = {}, .request_id = {}};
  if (!origin.empty()) request.headers.Add("Origin", origin);
  return request;
}

HttpRequest Preflight(std::string_view origin) {
  HttpRequest request = From(origin, "OPTIONS");
  request.headers.Add("Access-Control-Request-Method", "POST");
  request.headers.Add("Access-Control-Request-Headers", "x-a, content-type");
  return request;
}

std::string HeaderOf(const HttpHeaders& headers, std::string_view name) {
  return std::string(headers.Find(name).value_or("none"));
}

// Access-Control-Allow-Origin, Vary and Access-Control-Allow-Credentials of an answer.
std::string Answered(const CorsPolicy& policy, const HttpRequest& request) {
  HttpHeaders headers;
  AddCorsHeaders(policy, request, headers);
  return HeaderOf(headers, "Access-Control-Allow-Origin") + " " + HeaderOf(headers, "Vary") + " " +
         HeaderOf(headers, "Access-Control-Allow-Credentials");
}

TEST(CorsTest, APreflightIsOptionsThatAskForAMethod) {
  EXPECT_TRUE(IsPreflight(Preflight(kPage)));
  EXPECT_FALSE(IsPreflight(From(kPage, "OPTIONS")));
  EXPECT_FALSE(IsPreflight(Preflight("")));
  EXPECT_FALSE(IsPreflight(From(kPage)));
}

TEST(CorsTest, AnAnswerNamesWhoMayReadIt) {
  const CorsPolicy closed, one{.origins = {kPage}}, all{.origins = {"*"}},
      all_with_cookies{.origins = {"*"}, .credentials = true};
  EXPECT_EQ(Answered(closed, From(kPage)), "none none none");
  EXPECT_EQ(Answered(one, From(kPage)), "https://page.example Origin none");
  EXPECT_EQ(Answered(one, From("https://page.example.evil")), "none Origin none");
  EXPECT_EQ(Answered(one, From("")), "none Origin none");
  EXPECT_EQ(Answered(all, From(kPage)), "* none none");
  EXPECT_EQ(Answered(all, From("")), "none none none");
  EXPECT_EQ(Answered(all_with_cookies, From(kPage)), "* none true");
  HttpRequest with_cookie = From(kPage);
  with_cookie.headers.Add("Cookie", "a=b");
  EXPECT_EQ(Answered(all_with_cookies, with_cookie), "https://page.example Origin true");
  EXPECT_EQ(Answered(all, with_cookie), "* none none");
}

TEST(CorsTest, APreflightIsAllowedWhatItAsksFor) {
  const HttpResponse response = AnswerPreflight({.origins = {"https://other.example", kPage}}, Preflight(kPage));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(HeaderOf(response.headers, "Access-Control-Allow-Origin"), kPage);
  EXPECT_EQ(HeaderOf(response.headers, "Vary"), "Origin");
  EXPECT_EQ(HeaderOf(response.headers, "Access-Control-Allow-Headers"), "x-a, content-type");
  EXPECT_THAT(HeaderOf(response.headers, "Access-Control-Allow-Methods"), ::testing::HasSubstr("POST"));
  EXPECT_EQ(HeaderOf(response.headers, "Access-Control-Allow-Credentials"), "none");
}

TEST(CorsTest, APreflightOfAStrangerIsRefused) {
  const HttpResponse response = AnswerPreflight({.origins = {"https://other.example"}}, Preflight(kPage));
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body, "Disallowed CORS origin");
  EXPECT_EQ(HeaderOf(response.headers, "Access-Control-Allow-Origin"), "none");
}

TEST(CorsTest, PreflightsOfAllOriginsAreNamedOnlyWithCredentials) {
  EXPECT_EQ(HeaderOf(AnswerPreflight({.origins = {"*"}}, Preflight(kPage)).headers, "Access-Control-Allow-Origin"), "*");
  const HttpResponse named = AnswerPreflight({.origins = {"*"}, .credentials = true}, Preflight(kPage));
  EXPECT_EQ(HeaderOf(named.headers, "Access-Control-Allow-Origin"), kPage);
  EXPECT_EQ(HeaderOf(named.headers, "Access-Control-Allow-Credentials"), "true");
}

}  // namespace
}  // namespace verdict
