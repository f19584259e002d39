#include "gateway/json/score.h"

#include <cmath>
#include <limits>

#include "gtest/gtest.h"

namespace verdict {
namespace {

std::string Written(float score) {
  std::string out;
  AppendScore(out, score);
  return out;
}

TEST(ScoreTest, IsWrittenAsPythonWritesIt) {
  EXPECT_EQ(Written(0.9823f), "0.9822999835014343");
  EXPECT_EQ(Written(-3.25f), "-3.25");
  EXPECT_EQ(Written(2.0f), "2.0");
  EXPECT_EQ(Written(0.0f), "0.0");
  EXPECT_EQ(Written(-0.0f), "-0.0");
  EXPECT_EQ(Written(1.0000001f), "1.0000001192092896");
  EXPECT_EQ(Written(0.0001f), "9.999999747378752e-05");
  EXPECT_EQ(Written(1e16f), "1.0000000272564224e+16");
  EXPECT_EQ(Written(65536.0f), "65536.0");
}

TEST(ScoreTest, WhatJsonCannotSayIsANumberAnyway) {
  EXPECT_EQ(Written(std::numeric_limits<float>::quiet_NaN()), "0.0");
  EXPECT_EQ(Written(std::numeric_limits<float>::infinity()), "3.4028234663852886e+38");
  EXPECT_EQ(Written(-std::numeric_limits<float>::infinity()), "-3.4028234663852886e+38");
}

}  // namespace
}  // namespace verdict
