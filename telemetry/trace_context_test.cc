#include "telemetry/trace_context.h"

#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

constexpr char kParent[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(TraceParent, IsReadAndWrittenAsItCame) {
  const auto context = ParseTraceParent(kParent);
  ASSERT_TRUE(context);
  EXPECT_EQ(context->trace_id, (TraceId{0x0af7651916cd43dd, 0x8448eb211c80319c}));
  EXPECT_EQ(context->span_id, 0xb7ad6b7169203331u);
  EXPECT_TRUE(context->sampled);
  EXPECT_EQ(FormatTraceParent(*context), kParent);
  EXPECT_EQ(ToHex(context->trace_id), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(ToHex(context->span_id), "b7ad6b7169203331");
}

TEST(TraceParent, KnowsWhetherItsCallerRecords) {
  EXPECT_FALSE(ParseTraceParent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")->sampled);
  EXPECT_FALSE(ParseTraceParent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-02")->sampled);
  EXPECT_TRUE(ParseTraceParent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03")->sampled);
}

TEST(TraceParent, OfALaterVersionIsReadAsFarAsItIsKnown) {
  EXPECT_TRUE(ParseTraceParent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-comes-later"));
  EXPECT_FALSE(ParseTraceParent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.what"));
}

TEST(TraceParent, ThatIsMalformedIsNone) {
  for (const char* header :
       {"", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01", "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more", "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333x-01", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331_01"}) {
    EXPECT_FALSE(ParseTraceParent(header)) << header;
  }
}

TEST(TraceState, IsPassedOnUnlessItIsTooLongOrUnreadable) {
  EXPECT_EQ(UsableTraceState("rojo=00f067aa0ba902b7,\tcongo=t61"), "rojo=00f067aa0ba902b7, congo=t61") << "gRPC takes no tabs";
  EXPECT_EQ(UsableTraceState(std::string(512, 'a')).size(), 512u);
  EXPECT_EQ(UsableTraceState(std::string(513, 'a')), "");
  EXPECT_EQ(UsableTraceState("a=\xC3\xA4"), "");
  EXPECT_EQ(UsableTraceState("a=\n"), "");
}

TEST(Ids, AreNeverNoneAndDiffer) {
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) {
    EXPECT_NE(NewSpanId(), 0u);
    seen.insert(ToHex(NewTraceId()));
  }
  EXPECT_EQ(seen.size(), 10'000u);
  EXPECT_EQ(ToHex(TraceId{}), "");
  EXPECT_EQ(ToHex(SpanId{0}), "");
}

}  // namespace
}  // namespace verdict
