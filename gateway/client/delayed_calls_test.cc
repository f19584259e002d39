#include "gateway/client/delayed_calls.h"

#include <memory>
#include <vector>

#include "gateway/testing/event.h"
#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::ElementsAre;

TEST(DelayedCallsTest, RunsByTimeAndNotInTheOrderOfOrders) {
  std::vector<int> order;
  Event done;
  DelayedCalls calls;
  calls.RunAfter(absl::Milliseconds(30), [&] {
    order.push_back(2);
    done.Notify();
  });
  calls.RunAfter(absl::Milliseconds(1), [&] { order.push_back(1); });
  ASSERT_TRUE(done.Await());
  EXPECT_THAT(order, ElementsAre(1, 2));
}

TEST(DelayedCallsTest, HurryBringsOnWhatWaits) {
  Event done;
  DelayedCalls calls;
  calls.RunAfter(absl::Hours(1), [&] { done.Notify(); });
  calls.Hurry();
  EXPECT_TRUE(done.Await());
}

TEST(DelayedCallsTest, StopRunsWhatStillWaitsAndWhatIsOrderedLater) {
  std::vector<int> order;
  DelayedCalls calls;
  calls.RunAfter(absl::Hours(1), [&] {
    order.push_back(1);
    calls.RunAfter(absl::Hours(1), [&] { order.push_back(2); });
  });
  calls.Stop();
  calls.RunAfter(absl::Hours(1), [&] { order.push_back(3); });
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
}

}  // namespace
}  // namespace verdict
