#include "gateway/json/probability.h"

#include <cmath>
#include <cstdlib>
#include <limits>

#include "gmock/gmock.h"

namespace verdict {
namespace {

std::string Written(float score) {
  std::string out;
  AppendProbability(out, score);
  return out;
}

// Expected strings are those of json.dumps(float(numpy.float32(x))).
TEST(ProbabilityTest, IsWrittenAsPythonWritesIt) {
  EXPECT_EQ(Written(0.9823f), "0.9822999835014343");
  EXPECT_EQ(Written(0.5f), "0.5");
  EXPECT_EQ(Written(0.1f), "0.10000000149011612");
  EXPECT_EQ(Written(0.0f), "0.0");
  EXPECT_EQ(Written(1.0f), "1.0");
  EXPECT_EQ(Written(1e-4f), "9.999999747378752e-05");
  EXPECT_EQ(Written(0.00010001f), "0.00010001000191550702");
  EXPECT_EQ(Written(1e-8f), "9.99999993922529e-09");
  EXPECT_EQ(Written(0.99999994f), "0.9999999403953552");
  EXPECT_EQ(Written(std::numeric_limits<float>::denorm_min()), "1.401298464324817e-45");
  EXPECT_EQ(Written(0.0009765625f), "0.0009765625");
  EXPECT_EQ(Written(0.000030517578125f), "3.0517578125e-05");
}

TEST(ProbabilityTest, StaysWithinZeroAndOne) {
  EXPECT_EQ(Written(1.0000001f), "1.0");
  EXPECT_EQ(Written(7.5f), "1.0");
  EXPECT_EQ(Written(-1e-9f), "0.0");
  EXPECT_EQ(Written(-0.0f), "0.0");
  EXPECT_EQ(Written(std::numeric_limits<float>::infinity()), "1.0");
  EXPECT_EQ(Written(std::numeric_limits<float>::quiet_NaN()), "0.0");
}

TEST(ProbabilityTest, ReadsBackAsTheSameNumber) {
  for (float score = 1.0f; score > 1e-30f; score = std::nextafter(score * 0.987f, 0.0f)) {
    EXPECT_EQ(std::strtod(Written(score).c_str(), nullptr), static_cast<double>(score));
  }
}

}  // namespace
}  // namespace verdict
