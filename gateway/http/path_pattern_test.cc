#include "gateway/http/path_pattern.h"

#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;
using ::testing::Pair;

TEST(PathPatternTest, WithoutANameItComparesWhole) {
  const PathPattern pattern("/v2/health");
  EXPECT_TRUE(pattern.literal());
  EXPECT_THAT(pattern.Match("/v2/health"), Optional(IsEmpty()));
  for (const char* other : {"/v2/health/", "/v2/healt", "v2/health", "/v2/health/x", "/", ""})
    EXPECT_FALSE(pattern.Match(other)) << other;
}

TEST(PathPatternTest, ANameIsOneSegment) {
  const PathPattern pattern("/v2/models/{model}/infer");
  EXPECT_FALSE(pattern.literal());
  EXPECT_THAT(pattern.Match("/v2/models/a b/infer"), Optional(ElementsAre(Pair("model", "a b"))));
  for (const char* other : {"/v2/models//infer", "/v2/models/infer", "/v2/models/a/b/infer", "/v2/models/a/infer/"})
    EXPECT_FALSE(pattern.Match(other)) << other;
}

TEST(PathPatternTest, TextMayStandAroundAName) {
  const PathPattern pattern("/v1/models/{model}:predict");
  EXPECT_THAT(pattern.Match("/v1/models/m:1:predict"), Optional(ElementsAre(Pair("model", "m:1"))));
  EXPECT_FALSE(pattern.Match("/v1/models/:predict"));
  EXPECT_FALSE(pattern.Match("/v1/models/m"));
}

TEST(PathPatternTest, SeveralNames) {
  EXPECT_THAT(PathPattern("/{a}/versions/{b}").Match("/x/versions/2"), Optional(ElementsAre(Pair("a", "x"), Pair("b", "2"))));
}

TEST(PathPatternTest, ValuesAreDecodedAndCannotLeaveTheirSegment) {
  const PathPattern pattern("/models/{model}");
  EXPECT_THAT(pattern.Match("/models/a%2Fb%20%e7%8c%ab"), Optional(ElementsAre(Pair("model", "a/b 猫"))));
  for (const char* bad :
       {"/models/%", "/models/%4", "/models/a%4x", "/models/%-1", "/models/a%ff", "/models/%ed%a0%80", "/models/\xff"})
    EXPECT_FALSE(pattern.Match(bad)) << bad;
}

}  // namespace
}  // namespace verdict
