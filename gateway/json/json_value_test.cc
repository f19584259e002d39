#include "gateway/json/json_value.h"

#include <limits>

#include "boost/json/parse.hpp"
#include "gtest/gtest.h"

namespace verdict {
namespace {

std::string Rewritten(const std::string& text) {
  std::string out;
  AppendJsonValue(out, boost::json::parse(text));
  return out;
}

TEST(JsonValueTest, IsWrittenAsPythonWritesIt) {
  for (const char* same : {"null", "true", "false", "0", "-1", "9223372036854775807", "18446744073709551615", "\"é\\n\\\"\"",
                           "[]", "{}", "[1,[2,{}],null]", R"({"b":1,"a":{"é":[false]}})"}) {
    EXPECT_EQ(Rewritten(same), same);
  }
  EXPECT_EQ(Rewritten(" [ 1 , { \"a\" : 2 } ] "), R"([1,{"a":2}])");
}

// json.dumps of the same numbers.
TEST(JsonValueTest, FloatsHaveThePlacesOfPython) {
  const std::pair<const char*, const char*> rows[] = {
      {"1.50", "1.5"},       {"1e0", "1.0"},     {"-0.0", "-0.0"},  {"1e15", "1000000000000000.0"}, {"1e16", "1e+16"},
      {"1.5e22", "1.5e+22"}, {"1e-4", "0.0001"}, {"1e-5", "1e-05"}, {"2.5e-7", "2.5e-07"}};
  for (const auto& [text, expected] : rows) EXPECT_EQ(Rewritten(text), expected);
  std::string out;
  AppendFloat(out, std::numeric_limits<double>::infinity());
  EXPECT_EQ(out, "null");
}

}  // namespace
}  // namespace verdict
