#include "gateway/http/response_head.h"

#include <regex>

#include "gateway/http/request_id.h"
#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Head(const HttpResponse& response, HeadContext context = {}) {
  context.request_id = "id";
  context.date = "now";
  std::string out;
  AppendResponseHead(out, response, context);
  return out;
}

TEST(ResponseHeadTest, IsExact) {
  HttpResponse response{.status = 200, .content_type = "application/json", .body = "{}"};
  response.headers.Add("Retry-After", "1");
  EXPECT_EQ(Head(response),
            "HTTP/1.1 200 OK\r\nServer: verdict\r\nDate: now\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
            "x-request-id: id\r\nRetry-After: 1\r\n\r\n");
}

TEST(ResponseHeadTest, SaysWhatBecomesOfTheConnection) {
  EXPECT_THAT(Head({}, {.keep_alive = false}), HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_THAT(Head({}, {.http11 = false, .keep_alive = true}), HasSubstr("\r\nConnection: keep-alive\r\n"));
  EXPECT_THAT(Head({}), Not(HasSubstr("Connection")));
}

TEST(ResponseHeadTest, EmptyBodiesHaveALengthUnlessTheStatusForbids) {
  EXPECT_THAT(Head({}), HasSubstr("Content-Length: 0\r\n"));
  EXPECT_THAT(Head({}), Not(HasSubstr("Content-Type")));
  EXPECT_THAT(Head({.status = 204}), Not(HasSubstr("Content-Length")));
}

TEST(ResponseHeadTest, AValueCannotBeginAnotherField) {
  HttpResponse response;
  response.headers.Add("Echo", "a\r\nSet-Cookie: x\tb");
  EXPECT_THAT(Head(response), HasSubstr("Echo: a  Set-Cookie: x\tb\r\n"));
}

TEST(DateCacheTest, IsAnImfFixdate) {
  DateCache date;
  const std::string now(date.Now());
  EXPECT_TRUE(
      std::regex_match(now, std::regex("(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \\d\\d [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT")))
      << now;
  EXPECT_FALSE(date.Now().empty());
}

HttpRequest WithId(std::string_view id) {
  HttpRequest request;
  request.headers.Add("X-Request-ID", id);
  return request;
}

TEST(RequestIdTest, TakesAUsableOne) {
  RequestIdSource ids;
  EXPECT_EQ(ids.For(WithId("a-b_c.1")), "a-b_c.1");
  EXPECT_EQ(ids.For(WithId(std::string(128, 'x'))), std::string(128, 'x'));
}

TEST(RequestIdTest, MakesOneInPlaceOfAnUnusableOne) {
  RequestIdSource ids;
  for (const std::string& bad :
       {std::string(), std::string(129, 'x'), std::string("a b"), std::string("gr\xc3\xbcn"), std::string("a\x7f")}) {
    EXPECT_TRUE(std::regex_match(ids.For(WithId(bad)), std::regex("[0-9a-f]{32}"))) << bad;
  }
  EXPECT_NE(ids.For(HttpRequest()), ids.For(HttpRequest()));
}

}  // namespace
}  // namespace verdict
