#include "telemetry/sampler.h"

#include <cmath>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "telemetry/tracer.h"

namespace verdict {
namespace {

Sampler Make(std::string_view name, double ratio = 1) { return Sampler::Create(name, ratio).value(); }

TraceContext Parent(bool sampled) { return {.trace_id = NewTraceId(), .span_id = NewSpanId(), .sampled = sampled}; }

// How many of 10,000 new traces are recorded.
int Sampled(const Sampler& sampler) {
  int count = 0;
  for (int i = 0; i < 10'000; ++i) count += sampler.Samples({}, NewTraceId());
  return count;
}

TEST(Sampler, RecordsAllNoneOrAShare) {
  EXPECT_EQ(Sampled(Make("always_on")), 10'000);
  EXPECT_EQ(Sampled(Make("always_off")), 0);
  EXPECT_EQ(Sampled(Make("traceidratio", 0)), 0);
  EXPECT_EQ(Sampled(Make("traceidratio", 1)), 10'000);
  EXPECT_NEAR(Sampled(Make("parentbased_traceidratio", 0.25)), 2500, 300);
}

TEST(Sampler, DoesAsTheCallerDoesWhereItShall) {
  for (const char* name : {"parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"}) {
    EXPECT_TRUE(Make(name, 0.5).Samples(Parent(true), NewTraceId())) << name;
    EXPECT_FALSE(Make(name, 0.5).Samples(Parent(false), NewTraceId())) << name;
  }
  EXPECT_TRUE(Make("always_on").Samples(Parent(false), NewTraceId()));
  EXPECT_FALSE(Make("always_off").Samples(Parent(true), NewTraceId()));
}

TEST(Sampler, WhatASmallerShareRecordsALargerOneRecordsAsWell) {
  const Sampler few = Make("traceidratio", 0.1), many = Make("traceidratio", 0.3);
  for (int i = 0; i < 10'000; ++i) {
    const TraceId id = NewTraceId();
    EXPECT_LE(few.Samples({}, id), many.Samples({}, id));
  }
}

TEST(Sampler, RefusesOtherNamesAndShares) {
  for (const char* name : {"", "jaeger_remote", "parentbased_", "Always_On"}) {
    EXPECT_EQ(Sampler::Create(name, 1).status().code(), absl::StatusCode::kInvalidArgument) << name;
  }
  for (const double ratio : {-0.1, 1.1, std::nan("")}) {
    EXPECT_EQ(Sampler::Create("traceidratio", ratio).status().code(), absl::StatusCode::kInvalidArgument) << ratio;
  }
}

struct KeepingSink : SpanSink {
  void Add(Span span) override { spans.push_back(std::move(span)); }
  std::vector<Span> spans;
};

TEST(Tracer, GivesAChildItsParentsTraceAndStateAndAFreshIdOfItsOwn) {
  KeepingSink sink;
  Tracer tracer(sink, Make("parentbased_always_on"));
  TraceContext parent = Parent(true);
  parent.state = "a=b";
  const TraceContext child = tracer.Begin(parent);
  EXPECT_EQ(child.trace_id, parent.trace_id);
  EXPECT_NE(child.span_id, parent.span_id);
  EXPECT_EQ(child.state, "a=b");
  EXPECT_TRUE(child.sampled);
  const TraceContext first = tracer.Begin({});
  EXPECT_TRUE(first.valid());
  EXPECT_FALSE(first.trace_id == parent.trace_id);
}

TEST(Tracer, ASpanNeverEndsBeforeItBegins) {
  KeepingSink sink;
  Tracer tracer(sink, Make("always_on"));
  tracer.Record({.context = tracer.Begin({}), .start = absl::FromUnixSeconds(10), .end = absl::FromUnixSeconds(9)});
  EXPECT_EQ(sink.spans.front().end, sink.spans.front().start);
}

TEST(Tracer, KeepsNothingOfWhatIsNotSampled) {
  KeepingSink sink;
  Tracer tracer(sink, Make("parentbased_always_on"));
  tracer.Record({.context = tracer.Begin(Parent(false))});
  EXPECT_TRUE(sink.spans.empty());
  tracer.Record({.context = tracer.Begin(Parent(true))});
  EXPECT_EQ(sink.spans.size(), 1u);
}

}  // namespace
}  // namespace verdict
