#include "metrics/registry.h"

#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(MetricRegistry, ASeriesIsOneHoweverOftenItIsAskedFor) {
  MetricRegistry registry;
  auto& family = registry.Add<Counter>({.name = "c_total", .help = "C", .labels = {"a", "b"}});
  family.With({"1", "2"})->Add();
  family.With({"1", "2"})->Add();
  EXPECT_EQ(family.With({"1", "2"})->value(), 2u);
  EXPECT_EQ(family.With({"2", "1"})->value(), 0u);
}

TEST(MetricRegistry, TakesSeriesAwayByTheirFirstLabel) {
  MetricRegistry registry;
  auto& family = registry.Add<Counter>({.name = "c_total", .help = "C", .labels = {"model", "code"}});
  const auto kept = family.With({"gone", "OK"});
  family.With({"stays", "gone"});
  family.RemoveFirst("gone");
  kept->Add();  // who still has it may go on
  EXPECT_THAT(registry.Write(MetricFormat::kText), Not(HasSubstr("model=\"gone\"")));
  EXPECT_THAT(registry.Write(MetricFormat::kText), HasSubstr("model=\"stays\""));
}

TEST(MetricRegistry, BringsGaugesUpToDateBeforeItWrites) {
  MetricRegistry registry;
  const auto gauge = registry.AddOne<Gauge>({.name = "g", .type = MetricType::kGauge, .help = "G"});
  double level = 1;
  registry.OnWrite([&] { gauge->Set(level); });
  level = 7;
  EXPECT_THAT(registry.Write(MetricFormat::kText), HasSubstr("\ng 7\n"));
}

TEST(MetricRegistry, DescribesWhatItHas) {
  MetricRegistry registry;
  registry.AddOne<Counter>({.name = "c_total", .help = "C"});
  ASSERT_EQ(registry.Describe().size(), 1u);
  EXPECT_EQ(registry.Describe()[0].name, "c_total");
}

TEST(MetricRegistry, NothingIsLostWhenManyCount) {
  MetricRegistry registry;
  const auto histogram = registry.AddOne<Histogram>({.name = "h", .type = MetricType::kHistogram, .help = "H", .bounds = {1, 2}});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 1000; ++n) histogram->Observe(1.5);
    });
  }
  for (int n = 0; n < 10; ++n) registry.Write(MetricFormat::kText);
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(registry.Write(MetricFormat::kText), HasSubstr("h_sum 6000\nh_count 4000\n"));
}

}  // namespace
}  // namespace verdict
