#include "services/classifier/engine/precision.h"

#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;

TEST(PrecisionTest, TakesWhatIsAskedFor) {
  EXPECT_EQ(*ChoosePrecision("fp32"), Precision::kFp32);
  const auto bf16 = ChoosePrecision("bf16");
  if (bf16.ok()) {
    EXPECT_EQ(*bf16, Precision::kBf16);
  } else {
    EXPECT_THAT(std::string(bf16.status().message()), HasSubstr("AVX-512"));
    EXPECT_EQ(*ChoosePrecision("auto"), Precision::kFp32);
  }
}

TEST(PrecisionTest, AutoHeedsTheLimitOfOneDnn) {
  ASSERT_EQ(setenv("ONEDNN_MAX_CPU_ISA", "AVX2", 1), 0);
  EXPECT_EQ(*ChoosePrecision("auto"), Precision::kFp32);
  ASSERT_EQ(unsetenv("ONEDNN_MAX_CPU_ISA"), 0);
}

TEST(PrecisionTest, NamesTheWordThatIsNone) {
  EXPECT_THAT(std::string(ChoosePrecision("int4").status().message()), HasSubstr("\"int4\" is none of auto, fp32, bf16"));
}

}  // namespace
}  // namespace verdict
