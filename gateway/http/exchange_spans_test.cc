#include "gateway/http/exchange_spans.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "telemetry/testing/keeping_sink.h"

namespace verdict {
namespace {

constexpr char kParent[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

class ExchangeSpansTest : public testing::Test {
 protected:
  ExchangeSpansTest() {
    request_.method = "POST";
    request_.path = "/v1/models/a:predict";
    request_.request_id = "id";
  }

  void Run(int status, bool cut_off = false, std::string_view route = "/v1/models/{model}:predict") {
    request_.trace = spans_.Begin(request_);
    spans_.OnExchange({.request = request_,
                       .notes = notes_,
                       .route = route,
                       .dialect = "kserve",
                       .secure = secure_,
                       .status = status,
                       .cut_off = cut_off,
                       .start = absl::FromUnixMillis(1000),
                       .duration = absl::Milliseconds(5)});
  }
  std::string Text(const char* key) const {
    for (const SpanAttribute& attribute : sink_.spans.back().attributes) {
      if (attribute.key == key) return std::get<std::string>(attribute.value);
    }
    return "(none)";
  }

  KeepingSink sink_;
  Tracer tracer_{sink_, Sampler::Create("parentbased_always_on", 1).value()};
  ExchangeSpans spans_{tracer_};
  HttpRequest request_;
  ExchangeNotes notes_;
  bool secure_ = false;
};

TEST_F(ExchangeSpansTest, TheSchemeIsHowTheRequestCame) {
  Run(200);
  EXPECT_EQ(Text("url.scheme"), "http");
  secure_ = true;
  Run(200);
  EXPECT_EQ(Text("url.scheme"), "https");
}

TEST_F(ExchangeSpansTest, AreBelowTheirCallerAndNamedByTheirRoute) {
  request_.headers.Add("traceparent", kParent);
  request_.headers.Add("tracestate", "a=b");
  notes_.model = "tickets";
  Run(200);
  ASSERT_EQ(sink_.spans.size(), 1u);
  const Span& span = sink_.spans.front();
  EXPECT_EQ(span.name, "POST /v1/models/{model}:predict");
  EXPECT_EQ(span.kind, Span::Kind::kServer);
  EXPECT_EQ(ToHex(span.context.trace_id), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(span.context.state, "a=b");
  EXPECT_EQ(span.parent, 0xb7ad6b7169203331u);
  EXPECT_TRUE(span.remote_parent);
  EXPECT_EQ(span.start, absl::FromUnixMillis(1000));
  EXPECT_EQ(span.end, absl::FromUnixMillis(1005));
  EXPECT_FALSE(span.failed);
  EXPECT_EQ(Text("http.route"), "/v1/models/{model}:predict");
  EXPECT_EQ(Text("url.path"), "/v1/models/a:predict");
  EXPECT_EQ(Text("verdict.dialect"), "kserve");
  EXPECT_EQ(Text("verdict.model"), "tickets");
}

TEST_F(ExchangeSpansTest, OfOneWithoutAParentBeginsATrace) {
  Run(404, false, "");
  ASSERT_EQ(sink_.spans.size(), 1u);
  EXPECT_EQ(sink_.spans.front().parent, 0u);
  EXPECT_FALSE(sink_.spans.front().remote_parent);
  EXPECT_EQ(sink_.spans.front().name, "POST");
  EXPECT_EQ(Text("http.route"), "(none)");
}

TEST_F(ExchangeSpansTest, AProbeBeginsNoTraceButBelongsToItsCallers) {
  request_.method = "GET";
  Run(200);
  EXPECT_TRUE(sink_.spans.empty());
  EXPECT_FALSE(request_.trace.valid());
  request_.headers.Add("traceparent", kParent);
  Run(200);
  EXPECT_EQ(sink_.spans.size(), 1u);
}

TEST_F(ExchangeSpansTest, WhatTheCallerDoesNotRecordIsNotRecordedButKeepsItsPlace) {
  request_.headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");
  Run(200);
  EXPECT_TRUE(sink_.spans.empty());
  EXPECT_TRUE(request_.trace.valid());
}

TEST_F(ExchangeSpansTest, FailWhereTheServerIsAtFault) {
  Run(400);
  EXPECT_FALSE(sink_.spans.back().failed);
  Run(503);
  EXPECT_TRUE(sink_.spans.back().failed);
  EXPECT_EQ(Text("error.type"), "503");
  Run(200, /*cut_off=*/true);
  EXPECT_TRUE(sink_.spans.back().failed);
  EXPECT_EQ(Text("error.type"), "cut_off");
}

}  // namespace
}  // namespace verdict
