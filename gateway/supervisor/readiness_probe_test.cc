#include "gateway/supervisor/readiness_probe.h"

#include <atomic>

#include "absl/time/clock.h"
#include "gateway/testing/event.h"
#include "gmock/gmock.h"

namespace verdict {
namespace {

constexpr ReadinessProbe::Options kQuick = {.interval = absl::Milliseconds(1), .patience = absl::Seconds(1)};

TEST(ReadinessProbeTest, AsksUntilTheAnswerIsYes) {
  int asked = 0;
  Event yes;
  {
    const ReadinessProbe probe(kQuick, [&](absl::Time deadline, absl::AnyInvocable<void(absl::Status)> done) {
      EXPECT_GT(deadline, absl::Now());
      done(++asked < 5 ? absl::UnavailableError("not yet") : absl::OkStatus());
      if (asked >= 5) yes.Notify();
    });
    EXPECT_TRUE(yes.Await());
  }
  EXPECT_EQ(asked, 5);
}

TEST(ReadinessProbeTest, EndsWithoutAnAnswerAndDropsALateOne) {
  absl::AnyInvocable<void(absl::Status)> late;
  Event asked;
  {
    const ReadinessProbe probe(kQuick, [&](absl::Time, absl::AnyInvocable<void(absl::Status)> done) {
      late = std::move(done);
      asked.Notify();
    });
    asked.Await();
  }
  late(absl::OkStatus());
}

TEST(ReadinessProbeTest, EndsDuringItsPause) {
  std::atomic<int> asked = 0;
  Event once;
  const absl::Time began = absl::Now();
  {
    const ReadinessProbe probe({.interval = absl::Hours(1)}, [&](absl::Time, absl::AnyInvocable<void(absl::Status)> done) {
      ++asked;
      done(absl::UnavailableError("no"));
      once.Notify();
    });
    once.Await();
  }
  EXPECT_EQ(asked, 1);
  EXPECT_LT(absl::Now() - began, absl::Minutes(1));
}

}  // namespace
}  // namespace verdict
