#include "gateway/json/json_position.h"

#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::Optional;

TEST(DescribePositionTest, CountsBytesLinesAndCharacters) {
  EXPECT_EQ(DescribePosition("abc", 0), "byte 0 (line 1, column 1)");
  EXPECT_EQ(DescribePosition("abc", 3), "byte 3 (line 1, column 4)");
  EXPECT_EQ(DescribePosition("a\nbc\n", 4), "byte 4 (line 2, column 3)");
  EXPECT_EQ(DescribePosition("a\nbc\n", 5), "byte 5 (line 3, column 1)");
  EXPECT_EQ(DescribePosition("\"猫\"x", 5), "byte 5 (line 1, column 4)");
}

TEST(FindLoneSurrogateTest, FindsHalvesOfPairs) {
  EXPECT_THAT(FindLoneSurrogate(R"("\ud800")"), Optional(1));
  EXPECT_THAT(FindLoneSurrogate(R"("a\uDBFFb")"), Optional(2));
  EXPECT_THAT(FindLoneSurrogate(R"("\udc00")"), Optional(1));
  EXPECT_THAT(FindLoneSurrogate(R"("\ud83d\u0041")"), Optional(1));
  EXPECT_THAT(FindLoneSurrogate(R"("\ud83d\ud83d\udc08")"), Optional(1));
  EXPECT_THAT(FindLoneSurrogate(R"("\ud83d\udc08\udc08")"), Optional(13));
  EXPECT_THAT(FindLoneSurrogate(R"("\\\ud800")"), Optional(3));
  EXPECT_THAT(FindLoneSurrogate(R"("a" : "\ud800)"), Optional(7));
}

TEST(FindLoneSurrogateTest, LeavesTheRestAlone) {
  for (const char* json : {R"("\ud83d\udc08")", R"("\u0041\ue000\uD7FF")", R"("\\ud800")", R"("\"\\")", R"(\ud800)", R"("\ud8)",
                           R"("\)", R"("\uzzzz")", ""}) {
    EXPECT_EQ(FindLoneSurrogate(json), std::nullopt) << json;
  }
}

}  // namespace
}  // namespace verdict
