#include "gateway/http/header_parameters.h"

#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::Optional;

// "name=value|name=value"
std::string Parameters(std::string_view header) {
  std::string all;
  for (const HeaderParameter& parameter : ReadHeaderParameters(header)) {
    all += (all.empty() ? "" : "|") + parameter.name + "=" + parameter.value;
  }
  return all;
}

TEST(HeaderParametersTest, AreReadWithTheirQuotes) {
  EXPECT_EQ(Parameters("text/csv; Header=Present ;charset=\"UTF-8\""), "header=Present|charset=UTF-8");
  EXPECT_EQ(Parameters("form-data; name=\"a;b=\\\"c\\\\\"; x=y"), "name=a;b=\"c\\|x=y");
  EXPECT_EQ(Parameters("a; b = \" c \" ; d"), "b= c |d=");
  EXPECT_EQ(Parameters("a; odd; b=c"), "odd=|b=c");
}

TEST(HeaderParametersTest, WhateverCallersSendIsRead) {
  for (const char* none : {"", ";", ";;;", "a", "a;", "a ; ;", "a=b", "a; =b"}) EXPECT_EQ(Parameters(none), "") << none;
}

TEST(HeaderParametersTest, WhatIsNoQuotedStringStandsAsItCame) {
  EXPECT_EQ(Parameters("a; b=\"open; c=d"), "b=\"open|c=d");
  EXPECT_EQ(Parameters("a; b=\""), "b=\"");
  EXPECT_EQ(Parameters("a; b=\"\\"), "b=\"\\");
  EXPECT_EQ(Parameters("a; b=\"c\\\""), "b=\"c\\\"");
  EXPECT_EQ(Parameters("a; b=\"c\"d; e=f"), "b=\"c\"d|e=f");
  EXPECT_EQ(Parameters("a; b=\"\"; e=f"), "b=|e=f");
}

TEST(HeaderParametersTest, ListsEndAtCommasOutsideQuotes) {
  std::string_view list = " a ;b=\"c, \\\" d\" , , e=\"f, g";
  for (const char* element : {"a ;b=\"c, \\\" d\"", "", "e=\"f, g", ""}) EXPECT_EQ(TakeListElement(list), element);
  EXPECT_TRUE(list.empty());
}

TEST(HeaderParametersTest, TheFirstOfANameIsFound) {
  EXPECT_EQ(HeaderWithoutParameters(" Form-Data ; name=x"), "Form-Data");
  EXPECT_THAT(FindHeaderParameter("form-data; NAME=\"X\"; name=y", "name"), Optional(std::string("X")));
  EXPECT_EQ(FindHeaderParameter("name=x", "name"), std::nullopt);
}

}  // namespace
}  // namespace verdict
