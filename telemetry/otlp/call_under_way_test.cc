#include "telemetry/otlp/call_under_way.h"

#include "gtest/gtest.h"

namespace verdict {
namespace {

struct FakeContext {
  void TryCancel() { ++cancelled; }
  int cancelled = 0;
};

TEST(CallUnderWay, IsCancelledAndNoCallBeforeIt) {
  CallUnderWay<FakeContext> call;
  FakeContext before, now;
  EXPECT_TRUE(call.Begin(before));
  call.End();
  EXPECT_TRUE(call.Begin(now));
  call.Cancel();
  EXPECT_EQ(before.cancelled, 0);
  EXPECT_EQ(now.cancelled, 1);
}

// Its context is gone by then: whoever is told not to call returns.
TEST(CallUnderWay, DoesNotKeepTheContextOfACallThatIsNotMade) {
  CallUnderWay<FakeContext> call;
  call.Cancel();
  FakeContext refused;
  EXPECT_FALSE(call.Begin(refused));
  call.Cancel();
  EXPECT_EQ(refused.cancelled, 0);
}

}  // namespace
}  // namespace verdict
