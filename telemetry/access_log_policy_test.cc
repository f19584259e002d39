#include "telemetry/access_log_policy.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

AccessLogPolicy Make(const AccessLogPolicy::Flags& flags) { return AccessLogPolicy::Create(flags).value(); }

int Kept(const AccessLogPolicy& policy, bool with_ids = true) {
  int kept = 0;
  for (int i = 0; i < 10'000; ++i) kept += policy.Keeps({.request_id = with_ids ? absl::StrCat("request-", i) : ""});
  return kept;
}

TEST(AccessLogPolicy, KeepsAllUnlessItIsToldOtherwise) {
  EXPECT_EQ(Kept(Make({})), 10'000);
  EXPECT_EQ(Kept(Make({.sample_rate = 0})), 0);
}

TEST(AccessLogPolicy, KeepsAShareAndTheSameOneEverywhere) {
  const AccessLogPolicy here = Make({.sample_rate = 0.1}), there = Make({.sample_rate = 0.1});
  EXPECT_NEAR(Kept(here), 1000, 200);
  EXPECT_NEAR(Kept(here, /*with_ids=*/false), 1000, 200);
  for (int i = 0; i < 1000; ++i) {
    const std::string id = absl::StrCat(i);
    EXPECT_EQ(here.Keeps({.request_id = id}), there.Keeps({.request_id = id}));
  }
  // Part of the interface: gateway and service may be of different versions.
  EXPECT_EQ(Kept(here), 1021);
}

TEST(AccessLogPolicy, AlwaysKeepsFailuresAndSlowOnes) {
  for (const AccessLogPolicy& policy : {Make({.sample_rate = 0, .slow_ms = 50}), Make({.requests = "failures", .slow_ms = 50})}) {
    EXPECT_TRUE(policy.Keeps({.failed = true}));
    EXPECT_TRUE(policy.Keeps({.duration = absl::Milliseconds(51)}));
    EXPECT_FALSE(policy.Keeps({.duration = absl::Milliseconds(50)}));
  }
  EXPECT_FALSE(Make({.sample_rate = 0, .slow_ms = 0}).Keeps({.duration = absl::Hours(1)}));
}

TEST(AccessLogPolicy, OffIsOff) { EXPECT_FALSE(Make({.requests = "off"}).Keeps({.failed = true, .duration = absl::Hours(1)})); }

TEST(AccessLogPolicy, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(AccessLogPolicy::Create({.requests = "some"}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(AccessLogPolicy::Create({.sample_rate = 1.5}).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace verdict
