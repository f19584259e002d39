#include "gateway/http/http_headers.h"

#include <vector>

#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;

TEST(HttpHeadersTest, FindsByNameInAnyCase) {
  HttpHeaders headers;
  headers.Add("Content-Type", "text/plain");
  EXPECT_THAT(headers.Find("content-type"), Optional(std::string_view("text/plain")));
  EXPECT_THAT(headers.Find("CONTENT-TYPE"), Optional(std::string_view("text/plain")));
  EXPECT_EQ(headers.Find("Content-Typ"), std::nullopt);
  EXPECT_EQ(headers.Find("Content-Types"), std::nullopt);
}

TEST(HttpHeadersTest, FindsTheFirstAndCountsAll) {
  HttpHeaders headers;
  headers.Add("a", "1");
  headers.Add("b", "");
  headers.Add("A", "2");
  EXPECT_THAT(headers.Find("A"), Optional(std::string_view("1")));
  EXPECT_THAT(headers.Find("b"), Optional(std::string_view("")));
  EXPECT_EQ(headers.Count("a"), 2);
  EXPECT_EQ(headers.Count("c"), 0);
}

TEST(HttpHeadersTest, KeepsMoreThanFitInPlaceInOrder) {
  HttpHeaders headers;
  for (int i = 0; i < 40; ++i) headers.Add("name" + std::to_string(i), std::to_string(i * i));
  int next = 0;
  headers.ForEach([&](std::string_view name, std::string_view value) {
    EXPECT_EQ(name, "name" + std::to_string(next));
    EXPECT_EQ(value, std::to_string(next * next));
    ++next;
  });
  EXPECT_EQ(next, 40);
}

TEST(HttpHeadersTest, ACopyStandsAlone) {
  HttpHeaders headers;
  headers.Add("a", "1");
  const HttpHeaders copy = headers;
  headers = HttpHeaders();
  EXPECT_TRUE(headers.empty());
  EXPECT_THAT(copy.Find("a"), Optional(std::string_view("1")));
}

}  // namespace
}  // namespace verdict
