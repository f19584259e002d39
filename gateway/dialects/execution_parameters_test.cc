#include "gateway/dialects/execution_parameters.h"

#include "gtest/gtest.h"

namespace verdict {
namespace {

TEST(ExecutionParametersTest, AreExact) {
  EXPECT_EQ(ToJson({4, 25, ""}), R"({"MaxConcurrentTransforms":4,"MaxPayloadInMB":25})");
  EXPECT_EQ(ToJson({1, 6, "MultiRecord"}), R"({"MaxConcurrentTransforms":1,"MaxPayloadInMB":6,"BatchStrategy":"MultiRecord"})");
}

TEST(ExecutionParametersTest, StayWithinSageMakersLimits) {
  struct Row {
    int processors;
    uint64_t body;
    int concurrent, megabytes;
  };
  for (const Row& row : {Row{2, 25 << 20, 2, 25}, Row{64, 25 << 20, 4, 25}, Row{64, 6 << 20, 16, 6},
                         Row{4, uint64_t{1} << 40, 1, 100}, Row{4, 1000, 4, 1}}) {
    const ExecutionParameters parameters = SuggestedParameters(row.processors, row.body);
    EXPECT_EQ(parameters.max_concurrent_transforms, row.concurrent);
    EXPECT_EQ(parameters.max_payload_mb, row.megabytes);
    EXPECT_LE(parameters.max_concurrent_transforms * parameters.max_payload_mb, 100);
  }
}

}  // namespace
}  // namespace verdict
