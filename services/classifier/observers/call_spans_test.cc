#include "services/classifier/observers/call_spans.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "telemetry/testing/keeping_sink.h"

namespace verdict {
namespace {

constexpr char kParent[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

class CallSpansTest : public testing::Test {
 protected:
  CallSpansTest() {
    response_.results.resize(1);
    response_.results[0].tokens = 5;
    response_.times = {.total = absl::Milliseconds(6),
                       .tokenize = absl::Milliseconds(1),
                       .queue = absl::Milliseconds(2),
                       .compute = absl::Milliseconds(3)};
    response_.batches = {9};
  }

  FinishedCall Call(const char* trace_parent = kParent) {
    TraceContext parent = ParseTraceParent(trace_parent).value_or(TraceContext());
    parent.state = parent.valid() ? "a=b" : "";
    FinishedCall call{.request_id = "id",
                      .trace_parent = trace_parent,
                      .model = "tickets",
                      .inputs = 1,
                      .start = absl::FromUnixMillis(1000),
                      .end = absl::FromUnixMillis(1010)};
    call.trace = spans_.OnCallBegun(parent);
    return call;
  }
  const Span& Named(std::string_view name) const {
    for (const Span& span : sink_.spans) {
      if (span.name == name) return span;
    }
    ADD_FAILURE() << "no span " << name;
    return sink_.spans.front();
  }

  KeepingSink sink_;
  Tracer tracer_{sink_, Sampler::Create("parentbased_always_on", 1).value()};
  CallSpans spans_{tracer_};
  ClassifyResponse response_;
};

TEST_F(CallSpansTest, ACallIsBelowItsCallerAndHasItsPhasesBelowIt) {
  FinishedCall call = Call();
  call.response = &response_;
  spans_.OnCall(call);
  ASSERT_EQ(sink_.spans.size(), 4u);
  const Span& server = Named("verdict.v1.Classifier/Classify");
  EXPECT_EQ(server.kind, Span::Kind::kServer);
  EXPECT_EQ(server.context.span_id, call.trace.span_id);
  EXPECT_EQ(server.parent, 0xb7ad6b7169203331u);
  EXPECT_TRUE(server.remote_parent);
  EXPECT_EQ(server.context.state, "a=b");
  EXPECT_EQ(server.start, call.start);
  EXPECT_EQ(server.end, call.end);
  absl::Time at = absl::FromUnixMillis(1004);  // the six milliseconds before its end
  for (const auto& [name, took] : {std::pair{"tokenize", 1}, {"queue", 2}, {"compute", 3}}) {
    const Span& phase = Named(name);
    EXPECT_EQ(phase.parent, server.context.span_id);
    EXPECT_EQ(phase.context.trace_id, server.context.trace_id);
    EXPECT_EQ(phase.start, at) << name;
    at += absl::Milliseconds(took);
    EXPECT_EQ(phase.end, at) << name;
  }
}

TEST_F(CallSpansTest, CallAndBatchLinkToEachOther) {
  FinishedCall call = Call();
  call.response = &response_;
  const TraceContext other = spans_.OnCallBegun({}), unsampled{.trace_id = {1, 1}, .span_id = 1};
  spans_.OnBatch({.id = 9, .model = "tickets", .sequences = 3, .riders = {&call.trace, &unsampled, &other}});
  spans_.OnCall(call);
  const Span& batch = Named("batch");
  EXPECT_EQ(batch.parent, 0u);
  ASSERT_EQ(batch.links.size(), 2u);
  EXPECT_EQ(batch.links[0].span_id, call.trace.span_id);
  EXPECT_EQ(batch.links[1].span_id, other.span_id);
  const Span& compute = Named("compute");
  ASSERT_EQ(compute.links.size(), 1u);
  EXPECT_EQ(compute.links[0].span_id, batch.context.span_id);
  EXPECT_EQ(compute.links[0].trace_id, batch.context.trace_id);
  EXPECT_FALSE(batch.context.trace_id == call.trace.trace_id);
}

TEST_F(CallSpansTest, ListsOnlySoManyLinksAndCountsTheRest) {
  FinishedCall call = Call();
  for (uint64_t id = 10; id < 50; ++id) response_.batches.push_back(id);
  call.response = &response_;
  spans_.OnCall(call);
  EXPECT_EQ(Named("compute").links.size(), 32u);
  EXPECT_EQ(Named("compute").dropped_links, 9);
  spans_.OnBatch({.id = 9, .riders = std::vector<const TraceContext*>(40, &call.trace)});
  EXPECT_EQ(Named("batch").links.size(), 32u);
  EXPECT_EQ(Named("batch").dropped_links, 8);
}

TEST_F(CallSpansTest, ABatchWithoutATracedCallHasNone) {
  spans_.OnBatch({.id = 1});
  const TraceContext unsampled{.trace_id = {1, 1}, .span_id = 1};
  spans_.OnBatch({.id = 2, .riders = {&unsampled}});
  EXPECT_TRUE(sink_.spans.empty());
}

TEST_F(CallSpansTest, FailuresOfTheServerAreFailedAndThoseOfTheCallerAreTold) {
  FinishedCall call = Call("");
  call.status = absl::InvalidArgumentError("no");
  call.reason = "INVALID_REQUEST";
  spans_.OnCall(call);
  ASSERT_EQ(sink_.spans.size(), 1u);
  EXPECT_FALSE(sink_.spans.back().failed);
  EXPECT_EQ(sink_.spans.back().parent, 0u);
  call.status = absl::DeadlineExceededError("late");
  call.reason = "DEADLINE_EXCEEDED";
  spans_.OnCall(call);
  EXPECT_TRUE(sink_.spans.back().failed);
  EXPECT_EQ(sink_.spans.back().error, "DEADLINE_EXCEEDED");
  const TraceContext rider{.trace_id = {1, 1}, .span_id = 1, .sampled = true};
  spans_.OnBatch({.id = 3, .ok = false, .riders = {&rider}});
  EXPECT_TRUE(sink_.spans.back().failed);
}

TEST_F(CallSpansTest, OfACallThatIsNotSampledNothingIsKept) {
  FinishedCall call = Call("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");
  call.response = &response_;
  EXPECT_TRUE(call.trace.valid());
  spans_.OnCall(call);
  EXPECT_TRUE(sink_.spans.empty());
}

}  // namespace
}  // namespace verdict
