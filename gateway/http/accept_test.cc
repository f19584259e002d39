#include "gateway/http/accept.h"

#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Types(std::initializer_list<std::string_view> fields) {
  HttpRequest request;
  for (const std::string_view field : fields) request.headers.Add("Accept", field);
  std::vector<std::string> types;
  for (const MediaRange& range : ParseAccept(request)) types.push_back(range.type + " " + std::to_string(range.weight));
  return types;
}

TEST(AcceptTest, TheHeaviestComesFirst) {
  EXPECT_THAT(Types({"text/csv;q=0.5, application/json, */*;q=0.1"}),
              ElementsAre("application/json 1000", "text/csv 500", "*/* 100"));
  EXPECT_THAT(Types({"a/b", "c/d;q=0"}), ElementsAre("a/b 1000", "c/d 0"));
  EXPECT_THAT(Types({"A/B ; q=\"0.333\" , c/d;q=.2, ,"}), ElementsAre("a/b 333", "c/d 200"));
  EXPECT_THAT(Types({"a/b;x=\"1, 2\";q=0.5, c/d"}), ElementsAre("c/d 1000", "a/b 500"));
  EXPECT_THAT(Types({}), IsEmpty());
  EXPECT_THAT(Types({""}), IsEmpty());
}

TEST(AcceptTest, AWeightThatIsNoneLeavesItsRangeOut) {
  for (const char* weight : {"-1", "2", "x", "", "nan", "1e9", "\"0.5\"5"}) {
    EXPECT_THAT(Types({std::string("a/b;q=") + weight + ", c/d;q=0.1"}), ElementsAre("c/d 100")) << weight;
  }
}

TEST(AcceptTest, ParametersAreFoundByName) {
  EXPECT_EQ(MediaParameter("text/csv; Header=\"Present\"; charset=utf-8", "header"), "present");
  EXPECT_EQ(MediaParameter("text/csv; header", "header"), "");
  EXPECT_EQ(MediaParameter("text/csv", "header"), "");
  EXPECT_EQ(MediaParameter("header=present", "header"), "");
}

}  // namespace
}  // namespace verdict
