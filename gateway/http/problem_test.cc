#include "gateway/http/problem.h"

#include "boost/json/parse.hpp"
#include "gateway/http/http_status.h"
#include "gateway/http/json_string.h"
#include "gmock/gmock.h"

namespace verdict {
namespace {

std::string Json(std::string_view text) {
  std::string out;
  AppendJsonString(out, text);
  return out;
}

TEST(JsonStringTest, EscapesWhatJsonDemandsAndNothingElse) {
  EXPECT_EQ(Json(""), "\"\"");
  EXPECT_EQ(Json("a\"b\\c/d"), R"("a\"b\\c/d")");
  EXPECT_EQ(Json("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(Json(std::string_view("\0\x01\x1f", 3)), R"("\u0000\u0001\u001f")");
  EXPECT_EQ(Json("\x7f grün 猫 🐈"), "\"\x7f grün 猫 🐈\"");
}

TEST(JsonStringTest, ReplacesBytesThatAreNoUtf8) {
  EXPECT_EQ(Json("a\xff\xc3"), "\"a\xEF\xBF\xBD\xEF\xBF\xBD\"");
  EXPECT_EQ(Json("\xed\xa0\x80x"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDx\"");
}

TEST(HttpStatusTest, NamesStatuses) {
  EXPECT_EQ(ReasonPhrase(200), "OK");
  EXPECT_EQ(ReasonPhrase(413), "Content Too Large");
  EXPECT_EQ(ReasonPhrase(799), "Unknown");
}

TEST(ProblemTest, HasTheMembersOfProblemDetailsAndOurs) {
  Problem problem{405, "no \"such\" thing"};
  problem.headers.Add("Allow", "GET");
  const HttpResponse response = ToResponse(problem, "id-1");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_THAT(response.headers.Find("Allow"), ::testing::Optional(std::string_view("GET")));
  const boost::json::value expected = {{"type", "about:blank"},         {"title", "Method Not Allowed"}, {"status", 405},
                                       {"detail", "no \"such\" thing"}, {"error", "no \"such\" thing"},  {"request_id", "id-1"}};
  EXPECT_EQ(boost::json::parse(response.body), expected);
}

}  // namespace
}  // namespace verdict
