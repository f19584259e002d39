#include "services/classifier/engine/precision.h"

#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;

TEST(PrecisionTest, TakesWhatIsAskedForOnEveryProcessor) {
  for (const Kernels* kernels : UsableKernels()) {
    for (const char* name : {"fp32", "bf16", "int8"}) EXPECT_EQ(PrecisionName(*ChoosePrecision(name, *kernels)), name);
  }
}

TEST(PrecisionTest, AutoIsBf16WhereTheProcessorMultipliesIt) {
  for (const Kernels* kernels : UsableKernels()) {
    EXPECT_EQ(*ChoosePrecision("auto", *kernels), kernels->fast_bf16 ? Precision::kBf16 : Precision::kFp32) << kernels->name;
  }
}

TEST(PrecisionTest, NamesTheWordThatIsNone) {
  EXPECT_THAT(std::string(ChoosePrecision("int4", BestKernels()).status().message()),
              HasSubstr("\"int4\" is none of auto, fp32, bf16, int8"));
}

}  // namespace
}  // namespace verdict
