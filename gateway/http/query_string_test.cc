#include "gateway/http/query_string.h"

#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::Optional;

TEST(QueryParameterTest, FindsTheFirstOfThatName) {
  EXPECT_THAT(QueryParameter("a=1&b=2&a=3", "a"), Optional(std::string("1")));
  EXPECT_THAT(QueryParameter("a=1&b=2", "b"), Optional(std::string("2")));
  EXPECT_THAT(QueryParameter("a=1=2", "a"), Optional(std::string("1=2")));
  EXPECT_THAT(QueryParameter("a&b=", "a"), Optional(std::string()));
  EXPECT_THAT(QueryParameter("a&b=", "b"), Optional(std::string()));
}

TEST(QueryParameterTest, DecodesNamesAndValues) {
  EXPECT_THAT(QueryParameter("next%5Fpage=a%20b+c%2B", "next_page"), Optional(std::string("a b c+")));
}

TEST(QueryParameterTest, WhatIsNotThereIsNothing) {
  for (const char* query : {"", "&", "=", "ab=1", "b=a=1", "a=%4", "a=%zz"})
    EXPECT_EQ(QueryParameter(query, "a"), std::nullopt) << query;
}

}  // namespace
}  // namespace verdict
