#include "metrics/exposition.h"

#include <cmath>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "metrics/registry.h"

namespace verdict {
namespace {

using testing::HasSubstr;

MetricInfo Requests() {
  return {.name = "requests_total", .type = MetricType::kCounter, .help = "Requests, by\n\"route\"", .labels = {"route"}};
}

TEST(Exposition, WritesACounterAsEachFormatHasIt) {
  MetricRegistry registry;
  registry.Add<Counter>(Requests()).With({"/a \"b\" \\ c\nd"})->Add(3);
  EXPECT_EQ(registry.Write(MetricFormat::kText),
            "# HELP requests_total Requests, by\\n\"route\"\n# TYPE requests_total counter\n"
            "requests_total{route=\"/a \\\"b\\\" \\\\ c\\nd\"} 3\n");
  EXPECT_THAT(registry.Write(MetricFormat::kOpenMetrics), testing::StartsWith("# HELP requests Requests, by\\n\\\"route\\\"\n"
                                                                              "# TYPE requests counter\nrequests_total{"));
}

TEST(Exposition, WritesAHistogramWithBucketsThatAddUp) {
  MetricRegistry registry;
  const auto histogram = registry.AddOne<Histogram>(
      {.name = "took_seconds", .type = MetricType::kHistogram, .help = "Time", .bounds = {0.0005, 0.5, 1, 10}});
  for (const double value : {0.5, 0.75, 10.0, 11.0}) histogram->Observe(value);
  EXPECT_THAT(registry.Write(MetricFormat::kText), HasSubstr("took_seconds_bucket{le=\"0.0005\"} 0\n"
                                                             "took_seconds_bucket{le=\"0.5\"} 1\n"
                                                             "took_seconds_bucket{le=\"1.0\"} 2\n"
                                                             "took_seconds_bucket{le=\"10.0\"} 3\n"
                                                             "took_seconds_bucket{le=\"+Inf\"} 4\n"
                                                             "took_seconds_sum 22.25\n"
                                                             "took_seconds_count 4\n"));
}

TEST(Exposition, WritesNumbersThatAreNone) {
  MetricRegistry registry;
  const auto gauge = registry.AddOne<Gauge>({.name = "level", .type = MetricType::kGauge, .help = "Level"});
  EXPECT_THAT(registry.Write(MetricFormat::kText), HasSubstr("\nlevel 0\n")) << "there at zero";
  gauge->Set(INFINITY);
  EXPECT_THAT(registry.Write(MetricFormat::kText), HasSubstr("\nlevel +Inf\n"));
  gauge->Set(NAN);
  EXPECT_THAT(registry.Write(MetricFormat::kText), HasSubstr("\nlevel NaN\n"));
}

TEST(Exposition, TheScraperChoosesTheFormat) {
  EXPECT_EQ(MetricFormatFor(""), MetricFormat::kText);
  EXPECT_EQ(MetricFormatFor("text/plain;version=0.0.4;q=0.5,*/*;q=0.1"), MetricFormat::kText);
  EXPECT_EQ(MetricFormatFor("Application/OpenMetrics-Text;version=1.0.0,text/plain;q=0.5"), MetricFormat::kOpenMetrics);
  EXPECT_EQ(EndOf(MetricFormat::kText), "");
  EXPECT_EQ(EndOf(MetricFormat::kOpenMetrics), "# EOF\n");
}

TEST(Exposition, MergesWhatTwoProcessesHave) {
  const auto write = [](const std::string& process, const std::string& own) {
    MetricRegistry registry;
    registry.Add<Gauge>({.name = "threads", .type = MetricType::kGauge, .help = "Threads", .labels = {"process"}})
        .With({process});
    registry.AddOne<Gauge>({.name = own, .type = MetricType::kGauge, .help = own});
    return registry.Write(MetricFormat::kText);
  };
  EXPECT_EQ(MergeMetrics(write("a", "only_a"), write("b", "only_b")),
            "# HELP threads Threads\n# TYPE threads gauge\nthreads{process=\"a\"} 0\nthreads{process=\"b\"} 0\n"
            "# HELP only_a only_a\n# TYPE only_a gauge\nonly_a 0\n"
            "# HELP only_b only_b\n# TYPE only_b gauge\nonly_b 0\n");
  EXPECT_EQ(MergeMetrics(write("a", "x"), ""), write("a", "x"));
}

}  // namespace
}  // namespace verdict
