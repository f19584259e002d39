#include "services/classifier/lifecycle_options.h"

#include "gtest/gtest.h"

namespace verdict {
namespace {

TEST(LifecycleOptions, ALameDuckIsAPartOfTheDrain) {
  EXPECT_TRUE(CheckLifecycleOptions({}).ok());
  EXPECT_TRUE(CheckLifecycleOptions({.lame_duck_ms = 0, .drain_timeout_ms = 0}).ok());
  EXPECT_TRUE(CheckLifecycleOptions({.lame_duck_ms = 9, .drain_timeout_ms = 10}).ok());
  EXPECT_EQ(CheckLifecycleOptions({.lame_duck_ms = 10, .drain_timeout_ms = 10}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CheckLifecycleOptions({.lame_duck_ms = 30'000}).message(),
            "--lame-duck-ms: must be less than --drain-timeout-ms, of which it is a part");
}

}  // namespace
}  // namespace verdict
