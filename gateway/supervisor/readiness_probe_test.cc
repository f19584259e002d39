#include "gateway/supervisor/readiness_probe.h"

#include <atomic>

#include "absl/time/clock.h"
#include "gateway/testing/event.h"
#include "gmock/gmock.h"

namespace verdict {
namespace {

constexpr ReadinessProbe::Options kQuick = {.interval = absl::Milliseconds(1), .patience = absl::Seconds(1)};

TEST(ReadinessProbeTest, AsksUntilTheAnswerIsYesAndSaysSoOnce) {
  std::atomic<int> asked = 0, told = 0;
  Event ready;
  const ReadinessProbe probe(
      kQuick,
      [&](absl::Time deadline, absl::AnyInvocable<void(absl::Status)> done) {
        EXPECT_GT(deadline, absl::Now());
        done(++asked < 5 ? absl::UnavailableError("not yet") : absl::OkStatus());
      },
      [&] {
        ++told;
        ready.Notify();
      });
  EXPECT_TRUE(ready.Await());
  EXPECT_EQ(asked, 5);
  EXPECT_EQ(told, 1);
}

TEST(ReadinessProbeTest, EndsWithoutAnAnswerAndDropsALateOne) {
  absl::AnyInvocable<void(absl::Status)> late;
  Event asked;
  bool told = false;
  {
    const ReadinessProbe probe(
        kQuick,
        [&](absl::Time, absl::AnyInvocable<void(absl::Status)> done) {
          late = std::move(done);
          asked.Notify();
        },
        [&] { told = true; });
    asked.Await();
  }
  late(absl::OkStatus());
  EXPECT_FALSE(told);
}

TEST(ReadinessProbeTest, EndsDuringItsPause) {
  std::atomic<int> asked = 0;
  Event once;
  const absl::Time began = absl::Now();
  {
    const ReadinessProbe probe(
        {.interval = absl::Hours(1)},
        [&](absl::Time, absl::AnyInvocable<void(absl::Status)> done) {
          ++asked;
          done(absl::UnavailableError("no"));
          once.Notify();
        },
        [] {});
    once.Await();
  }
  EXPECT_EQ(asked, 1);
  EXPECT_LT(absl::Now() - began, absl::Minutes(1));
}

}  // namespace
}  // namespace verdict
