#include "gateway/dialects/python_json_error.h"

#include <string>

#include "gateway/dialects/testing/python_json_errors.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

TEST(PythonJsonErrorTest, SaysWhatPythonSays) {
  for (const PythonJsonRow& row : kPythonJsonErrors) {
    const auto error = FindPythonJsonError(row.text);
    EXPECT_EQ(error ? error->message : "", row.message) << row.text;
    EXPECT_EQ(error ? error->position : 0, row.position) << row.text;
  }
}

TEST(PythonJsonErrorTest, WhatPythonTakesAndOthersDoNotIsAnError) {
  for (const char* constant : {"NaN", "Infinity", "-Infinity"}) {
    const auto error = FindPythonJsonError(std::string("{\"é\":") + constant + "}");
    ASSERT_TRUE(error) << constant;
    EXPECT_EQ(error->position, 5u) << constant;
    EXPECT_EQ(error->message, "Expecting value");
  }
  for (const char* half : {R"(["\ud800"])", R"(["\udc00"])", R"(["\ud800\u0041"])", R"(["\ud800\ud800"])"}) {
    const auto error = FindPythonJsonError(half);
    ASSERT_TRUE(error) << half;
    EXPECT_EQ(error->position, 3u) << half;
    EXPECT_EQ(error->message, "Invalid \\uXXXX escape");
  }
}

TEST(PythonJsonErrorTest, DepthEndsTheSearch) {
  EXPECT_FALSE(FindPythonJsonError(std::string(1000000, '[')));
  EXPECT_EQ(FindPythonJsonError(std::string(32, '['))->position, 32u);
}

}  // namespace
}  // namespace verdict
