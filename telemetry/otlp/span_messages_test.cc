#include "telemetry/otlp/span_messages.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

namespace otlp = opentelemetry::proto::collector::trace::v1;

Span Example() {
  return {.context = {.trace_id = {1, 2}, .span_id = 3, .sampled = true, .state = "a=b"},
          .parent = 4,
          .remote_parent = true,
          .kind = Span::Kind::kServer,
          .name = "POST /invocations",
          .start = absl::FromUnixNanos(1'000'000'001),
          .end = absl::FromUnixNanos(1'000'000'002),
          .attributes = {{"text", std::string("x\xFFy")}, {"count", int64_t{5}}, {"share", 0.5}, {"on", true}},
          .links = {{.trace_id = {5, 6}, .span_id = 7}},
          .dropped_links = 8,
          .failed = true,
          .error = "broken"};
}

TEST(SpanMessage, HasEverythingOfTheSpan) {
  const auto message = ToMessage(MakeResource("verdict-service", "1", {}), {Example()});
  const otlp::Span& span = message.resource_spans(0).scope_spans(0).spans(0);
  EXPECT_EQ(span.trace_id(), std::string("\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2", 16));
  EXPECT_EQ(span.span_id(), std::string("\0\0\0\0\0\0\0\3", 8));
  EXPECT_EQ(span.parent_span_id(), std::string("\0\0\0\0\0\0\0\4", 8));
  EXPECT_EQ(span.trace_state(), "a=b");
  EXPECT_EQ(span.flags(), 0x301u);
  EXPECT_EQ(span.kind(), otlp::SPAN_KIND_SERVER);
  EXPECT_EQ(span.name(), "POST /invocations");
  EXPECT_EQ(span.start_time_unix_nano(), 1'000'000'001u);
  EXPECT_EQ(span.end_time_unix_nano(), 1'000'000'002u);
  ASSERT_EQ(span.attributes_size(), 4);
  EXPECT_EQ(span.attributes(0).value().string_value(), "x\xEF\xBF\xBDy");
  EXPECT_EQ(span.attributes(1).value().int_value(), 5);
  EXPECT_EQ(span.attributes(2).value().double_value(), 0.5);
  EXPECT_TRUE(span.attributes(3).value().bool_value());
  EXPECT_EQ(span.links(0).span_id(), std::string("\0\0\0\0\0\0\0\7", 8));
  EXPECT_EQ(span.dropped_links_count(), 8u);
  EXPECT_EQ(span.status().code(), otlp::STATUS_CODE_ERROR);
  EXPECT_EQ(span.status().message(), "broken");
}

TEST(SpanMessage, OfAFirstSpanHasNoParentAndOfASuccessNoStatus) {
  Span first = Example();
  first.parent = 0;
  first.remote_parent = first.failed = false;
  const auto message = ToMessage({}, {first});
  const otlp::Span& span = message.resource_spans(0).scope_spans(0).spans(0);
  EXPECT_EQ(span.parent_span_id(), "");
  EXPECT_EQ(span.flags(), 0x101u);
  EXPECT_FALSE(span.has_status());
}

TEST(SpanMessage, TellsWhoseSpansTheyAre) {
  const auto message = ToMessage(MakeResource("verdict-service", "1", {{"team", "mail"}}), {Example(), Example()});
  const auto& all = message.resource_spans(0);
  EXPECT_EQ(all.scope_spans(0).scope().name(), "verdict");
  EXPECT_EQ(all.scope_spans(0).scope().version(), "1");
  EXPECT_EQ(all.scope_spans(0).spans_size(), 2);
  EXPECT_EQ(all.resource().attributes(0).key(), "team");
  EXPECT_EQ(all.resource().attributes(1).value().string_value(), "verdict-service");
}

TEST(SpanMessage, HasTheProcessIdAsANumberAndWhatAnOperatorWroteInItsPlaceAsText) {
  for (const auto& [written, number] :
       {std::pair<const char*, bool>{"17", true}, {"abc", false}, {"", false}, {"17a", false}, {"99999999999999999999", false}}) {
    const auto message = ToMessage({.attributes = {{"process.pid", written}}}, {Example()});
    const auto& value = message.resource_spans(0).resource().attributes(0).value();
    EXPECT_EQ(value.int_value(), number ? 17 : 0) << written;
    EXPECT_EQ(value.string_value(), number ? "" : written);
  }
}

// The protocol's own numbers, byte by byte: what another implementation reads.
TEST(SpanMessage, IsOnTheWireAsTheProtocolHasIt) {
  Span span = Example();
  span.attributes.clear();
  span.links.clear();
  span.dropped_links = 0;
  const std::string bytes = ToMessage({}, {span}).resource_spans(0).scope_spans(0).spans(0).SerializeAsString();
  EXPECT_EQ(bytes, std::string("\x0a\x10\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2"  // 1: trace_id
                               "\x12\x08\0\0\0\0\0\0\0\3"                  // 2: span_id
                               "\x1a\x03"
                               "a=b"                       // 3: trace_state
                               "\x22\x08\0\0\0\0\0\0\0\4"  // 4: parent_span_id
                               "\x2a\x11"
                               "POST /invocations"             // 5: name
                               "\x30\x02"                      // 6: kind
                               "\x39\x01\xca\x9a\x3b\0\0\0\0"  // 7: start
                               "\x41\x02\xca\x9a\x3b\0\0\0\0"  // 8: end
                               "\x7a\x0a\x12\x06"
                               "broken"
                               "\x18\x02"               // 15: status
                               "\x85\x01\x01\x03\0\0",  // 16: flags
                               18 + 10 + 5 + 10 + 19 + 2 + 9 + 9 + 12 + 6));
}

}  // namespace
}  // namespace verdict
