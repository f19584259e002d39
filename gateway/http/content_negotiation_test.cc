#include "gateway/http/content_negotiation.h"

#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;

std::optional<Problem> Refusal(std::string_view content_type) {
  HttpRequest request;
  request.headers.Add("Content-Type", content_type);
  return RefuseUnlessJson(request);
}

TEST(MediaTypeTest, ReadsTypeAndCharset) {
  EXPECT_EQ(ParseMediaType("Application/JSON").type, "application/json");
  EXPECT_EQ(ParseMediaType(" text/csv ;header=present; CharSet=\"UTF-8\" ").type, "text/csv");
  EXPECT_EQ(ParseMediaType("text/csv;header=present; CharSet=\"UTF-8\"").charset, "utf-8");
  EXPECT_EQ(ParseMediaType("a/b; charset=latin1;").charset, "latin1");
  EXPECT_EQ(ParseMediaType("a/b; charset=").charset, "");
  EXPECT_EQ(ParseMediaType("").type, "");
  EXPECT_EQ(ParseMediaType(";;;").type, "");
}

TEST(RefuseUnlessJsonTest, TakesWhatCallersSendForJson) {
  EXPECT_EQ(RefuseUnlessJson(HttpRequest()), std::nullopt);
  for (const char* type : {"", "application/json", "APPLICATION/JSON; charset=utf-8", "application/json;charset=\"UTF-8\"",
                           "application/vnd.api+json", "application/octet-stream", "application/x-www-form-urlencoded",
                           "application/json; charset=utf8; odd", "application/json; charset=us-ascii"}) {
    EXPECT_EQ(Refusal(type), std::nullopt) << type;
  }
}

TEST(RefuseUnlessJsonTest, RefusesOtherTypesAndSaysWhichAreRead) {
  for (const char* type :
       {"text/csv", "text/plain", "application/xml", "image/png", "json", "text/x+json", "application/jsonlines"}) {
    const auto refusal = Refusal(type);
    ASSERT_TRUE(refusal) << type;
    EXPECT_EQ(refusal->status, 415) << type;
    EXPECT_THAT(refusal->detail, HasSubstr(type));
    EXPECT_THAT(refusal->detail, HasSubstr("application/json"));
  }
}

TEST(RefuseUnlessJsonTest, RefusesOtherCharsets) {
  const auto refusal = Refusal("application/json; charset=iso-8859-1");
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->status, 415);
  EXPECT_THAT(refusal->detail, HasSubstr("iso-8859-1"));
}

TEST(RefuseUnlessJsonTest, SaysOfLongTextsTheBeginning) {
  const std::string longer(5000, 'x');
  EXPECT_LT(Refusal(longer)->detail.size(), 500u);
  EXPECT_LT(Refusal("application/json; charset=" + longer)->detail.size(), 500u);
  HttpRequest request;
  request.headers.Add("Content-Encoding", longer);
  EXPECT_LT(RefuseUnlessJson(request)->detail.size(), 500u);
}

TEST(RefuseUnlessJsonTest, RefusesCompressedBodies) {
  HttpRequest request;
  request.headers.Add("content-encoding", "gzip");
  ASSERT_TRUE(RefuseUnlessJson(request));
  EXPECT_EQ(RefuseUnlessJson(request)->status, 415);
  HttpRequest plain;
  plain.headers.Add("Content-Encoding", "Identity");
  EXPECT_EQ(RefuseUnlessJson(plain), std::nullopt);
}

TEST(RefuseUnlessUtf8Test, TakesAnyTypeInUtf8) {
  const auto refusal = [](std::string_view type, std::string_view coding = "identity") {
    HttpRequest request;
    request.headers.Add("Content-Type", type);
    request.headers.Add("Content-Encoding", coding);
    return RefuseUnlessUtf8(request);
  };
  EXPECT_EQ(RefuseUnlessUtf8(HttpRequest()), std::nullopt);
  for (const char* type : {"", "text/plain", "text/plain; charset=UTF-8", "text/csv; charset=us-ascii"}) {
    EXPECT_EQ(refusal(type), std::nullopt) << type;
  }
  ASSERT_TRUE(refusal("text/plain; charset=utf-16"));
  EXPECT_EQ(refusal("text/plain; charset=utf-16")->status, 415);
  ASSERT_TRUE(refusal("text/plain", "br"));
  EXPECT_EQ(refusal("text/plain", "br")->status, 415);
}

}  // namespace
}  // namespace verdict
