#include "telemetry/resource.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

TEST(Pairs, AreSplitTrimmedAndDecoded) {
  EXPECT_THAT(ParsePairs(" a = 1 ,b=x%20y%2Cz,,c=").value(), ElementsAre(Pair("a", "1"), Pair("b", "x y,z"), Pair("c", "")));
  EXPECT_THAT(ParsePairs("").value(), IsEmpty());
  EXPECT_THAT(ParsePairs("token=a=b").value(), ElementsAre(Pair("token", "a=b")));
}

TEST(Pairs, ThatAreNoneAreRefusedWithoutTellingAValue) {
  for (const char* text : {"a", "=secret", "a=1,secret", "a=secret%2", "a=secret%zz"}) {
    const auto pairs = ParsePairs(text);
    ASSERT_EQ(pairs.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(pairs.status().message()), Not(HasSubstr("secret"))) << text;
  }
}

TEST(Resource, NamesTheProcessUnlessTheOperatorDoes) {
  const Resource plain = MakeResource("verdict-service", "1.2", {});
  EXPECT_EQ(plain.Find("service.name"), "verdict-service");
  EXPECT_EQ(plain.Find("service.version"), "1.2");
  EXPECT_EQ(plain.Find("service.instance.id").size(), 32u);
  EXPECT_NE(plain.Find("process.pid"), "");
  const Resource named = MakeResource("verdict-service", "1.2", {{"service.name", "tickets"}, {"team", "mail"}});
  EXPECT_EQ(named.Find("service.name"), "tickets");
  EXPECT_EQ(named.Find("team"), "mail");
  EXPECT_EQ(named.Find("nothing"), "");
}

}  // namespace
}  // namespace verdict
