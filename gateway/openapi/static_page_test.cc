#include "gateway/openapi/static_page.h"

#include "gateway/http/testing/make_request.h"
#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;

HttpRequest Asking(std::string_view header, std::string_view value) {
  HttpRequest request = MakeRequest("");
  request.headers.Add(header, value);
  return request;
}

HttpResponse Served(const StaticPage& page, const HttpRequest& request) {
  ProblemOr<HttpResponse> served = page.Serve(request);
  if (const auto* problem = std::get_if<Problem>(&served)) {
    ADD_FAILURE() << problem->detail;
    return HttpResponse{.status = 0};
  }
  return std::get<HttpResponse>(std::move(served));
}

std::string Header(const HttpResponse& response, std::string_view name) {
  return std::string(response.headers.Find(name).value_or("none"));
}

TEST(StaticPageTest, ServesItsContentsWithWhatBrowsersShallKnow) {
  const StaticPage page({"text/html", "<p>", false, "no-cache", "default-src 'none'"});
  const HttpResponse response = Served(page, MakeRequest(""));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "<p>");
  EXPECT_EQ(response.content_type, "text/html");
  EXPECT_EQ(Header(response, "Cache-Control"), "no-cache");
  EXPECT_EQ(Header(response, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(Header(response, "Content-Security-Policy"), "default-src 'none'");
  EXPECT_EQ(Header(response, "Content-Encoding"), "none");
}

TEST(StaticPageTest, WhoHasItIsToldSo) {
  const StaticPage page({.content_type = "text/css", .contents = "a"});
  const std::string tag = Header(Served(page, MakeRequest("")), "ETag");
  for (const std::string& header : {tag, "W/" + tag, "\"other\", " + tag, std::string("*")}) {
    const HttpResponse response = Served(page, Asking("If-None-Match", header));
    EXPECT_EQ(response.status, 304) << header;
    EXPECT_EQ(response.body, "");
    EXPECT_EQ(response.content_type, "");
    EXPECT_EQ(Header(response, "ETag"), tag);
  }
  EXPECT_EQ(Served(page, Asking("If-None-Match", "\"other\"")).status, 200);
  const StaticPage changed({.content_type = "text/css", .contents = "b"});
  EXPECT_EQ(Served(changed, Asking("If-None-Match", tag)).status, 200);
}

TEST(StaticPageTest, WhatIsCompressedGoesToThoseWhoReadIt) {
  const StaticPage page({.content_type = "text/css", .contents = "\x1f\x8b", .gzip = true});
  for (const char* accepted : {"gzip", "br, GZIP;q=0.5", "deflate, *", "x-gzip", "gzip;q=0.001", "*;q=0, gzip"}) {
    const HttpResponse response = Served(page, Asking("Accept-Encoding", accepted));
    EXPECT_EQ(Header(response, "Content-Encoding"), "gzip") << accepted;
    EXPECT_EQ(Header(response, "Vary"), "Accept-Encoding");
  }
  for (const char* refused : {"", "br", "gzip;q=0", "gzip; q=0.000, *", "identity, *;q=0"}) {
    const ProblemOr<HttpResponse> served = page.Serve(Asking("Accept-Encoding", refused));
    ASSERT_TRUE(std::holds_alternative<Problem>(served)) << refused;
    EXPECT_EQ(std::get<Problem>(served).status, 406);
    EXPECT_THAT(std::get<Problem>(served).detail, HasSubstr("Accept-Encoding: gzip"));
  }
}

}  // namespace
}  // namespace verdict
