#include "services/classifier/text/json_view.h"

#include "boost/json/parse.hpp"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class JsonViewTest : public testing::Test {
 protected:
  template <typename T>
  static std::string ErrorOf(const absl::StatusOr<T>& result) {
    EXPECT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(result.status().message());
  }

  const boost::json::value document_ = boost::json::parse(
      R"({"yes": true, "seven": 7, "big": 1e30, "name": "x", "nothing": null, "inner": {"deep": {"n": -1}}, "list": [1]})");
  const JsonView view_{"file.json", "", document_.get_object()};
};

TEST_F(JsonViewTest, GivesTypedMembers) {
  EXPECT_TRUE(*view_.Boolean("yes"));
  EXPECT_EQ(*view_.Integer("seven", 0, 7), 7);
  EXPECT_EQ(*view_.String("name"), "x");
  EXPECT_EQ(*view_.Object("inner")->Object("deep")->Integer("n", -5, 5), -1);
}

TEST_F(JsonViewTest, NullIsAbsent) {
  EXPECT_EQ(view_.Find("nothing"), nullptr);
  EXPECT_EQ(view_.Find("absent"), nullptr);
  EXPECT_FALSE(*view_.Boolean("nothing", false));
  EXPECT_EQ(*view_.Integer("absent", 0, 9, 4), 4);
  EXPECT_EQ(*view_.String("nothing", "y"), "y");
}

TEST_F(JsonViewTest, ErrorsNameTheFileAndTheWay) {
  EXPECT_EQ(ErrorOf(view_.Boolean("seven", true)), "file.json: seven: expected true or false");
  EXPECT_EQ(ErrorOf(view_.String("absent")), "file.json: absent: expected a string");
  EXPECT_EQ(ErrorOf(view_.Integer("big", 0, 10)), "file.json: big: expected an integer between 0 and 10");
  EXPECT_EQ(ErrorOf(view_.Object("inner")->Object("deep")->Integer("n", 0, 9)),
            "file.json: inner.deep.n: expected an integer between 0 and 9");
  EXPECT_EQ(ErrorOf(view_.Object("list")), "file.json: list: expected an object");
  EXPECT_EQ(ErrorOf(view_.ObjectAt(document_.at("list").at(0), "list[0]")), "file.json: list[0]: expected an object");
  EXPECT_EQ(view_.Error("", "is odd").message(), "file.json: is odd");
}

TEST_F(JsonViewTest, WhatIsNotBuiltIsUnimplemented) {
  const absl::Status status = view_.Unsupported("name", "x");
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(status.message(), "file.json: name: \"x\" is not supported");
}

TEST(QuotedTest, KeepsAMessageOneShortLine) {
  EXPECT_EQ(Quoted("a\nb\"c"), R"("a\nb\"c")");
  const std::string cut = Quoted(std::string(59, 'x') + "éé");
  EXPECT_EQ(cut, "\"" + std::string(59, 'x') + "…\"");
  EXPECT_LT(Quoted(std::string(1000, '\x01')).size(), 400u);
}

}  // namespace
}  // namespace verdict
