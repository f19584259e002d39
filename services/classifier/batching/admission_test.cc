#include "services/classifier/batching/admission.h"

#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace verdict {
namespace {

constexpr Admission::Limits kTen{.texts = 10, .bytes = 100};

TEST(Admission, AdmitsUpToTheLimitsAndNoFurther) {
  Admission admission(kTen);
  const auto six = admission.Admit(6, 10);
  ASSERT_TRUE(six.ok());
  EXPECT_EQ(admission.Admit(5, 10).status().code(), absl::StatusCode::kResourceExhausted);
  const auto four = admission.Admit(4, 90);
  ASSERT_TRUE(four.ok());
  EXPECT_EQ(admission.Admit(0, 1).status().code(), absl::StatusCode::kResourceExhausted);
}

TEST(Admission, BytesCountApartFromTexts) {
  Admission admission(kTen);
  const auto heavy = admission.Admit(1, 60);
  EXPECT_EQ(admission.Admit(1, 41).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(admission.Admit(1, 40).ok());
}

TEST(Admission, WhatCanNeverFitIsTheCallersFault) {
  Admission admission(kTen);
  EXPECT_EQ(admission.Admit(11, 1).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(admission.Admit(1, 101).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Admission, ADestroyedPermitFreesItsPlaceOnce) {
  Admission admission(kTen);
  {
    auto permit = admission.Admit(10, 100);
    ASSERT_TRUE(permit.ok());
    Admission::Permit moved = *std::move(permit);
    EXPECT_FALSE(admission.Admit(1, 1).ok());
  }
  EXPECT_TRUE(admission.Admit(10, 100).ok());
}

TEST(Admission, AssigningAPermitKeepsTheCountRight) {
  Admission admission(kTen);
  {
    Admission::Permit first = *admission.Admit(3, 3);
    Admission::Permit second = *admission.Admit(4, 4);
    first = std::move(second);
  }
  EXPECT_TRUE(admission.Admit(10, 100).ok());
}

TEST(Admission, NeverAdmitsTooMuchFromManyThreads) {
  Admission admission(kTen);
  std::atomic<int> inside = 0, most = 0, admitted = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) {
        const auto permit = admission.Admit(4, 4);
        if (!permit.ok()) continue;
        const int now = ++inside;
        for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
        }
        ++admitted;
        --inside;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_LE(most, 2);
  EXPECT_GT(admitted, 0);
  EXPECT_TRUE(admission.Admit(10, 100).ok());
}

}  // namespace
}  // namespace verdict
