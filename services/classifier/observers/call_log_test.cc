#include "services/classifier/observers/call_log.h"

#include <string>
#include <vector>

#include "boost/json.hpp"
#include "common/logging.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

class CallLogTest : public testing::Test {
 protected:
  CallLogTest() {
    InitLogging("test", LogLevel::kInfo);
    call_ = {.request_id = "id",
             .trace_parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
             .model = "tickets",
             .inputs = 2,
             .start = absl::FromUnixMillis(1000),
             .end = absl::FromUnixMillis(1006)};
    response_.results.resize(2);
    response_.results[0].tokens = 5;
    response_.results[1].tokens = 6;
    response_.results[1].tokens_dropped = 1;
    response_.times = {.total = absl::Milliseconds(7),
                       .tokenize = absl::Milliseconds(1),
                       .queue = absl::Milliseconds(2),
                       .compute = absl::Milliseconds(3)};
    response_.batches = {9, 10};
  }

  // The line of the call; null where there is none.
  boost::json::value Line(const AccessLogPolicy::Flags& flags = {}) {
    CallLog log({.policy = AccessLogPolicy::Create(flags).value()});
    testing::internal::CaptureStderr();
    log.OnCall(call_);
    const std::string line = testing::internal::GetCapturedStderr();
    return line.empty() ? boost::json::value() : boost::json::parse(line);
  }

  FinishedCall call_;
  ClassifyResponse response_;
};

TEST_F(CallLogTest, NamesTheCallerWhereItIsKnown) {
  EXPECT_FALSE(Line().as_object().contains("caller"));
  call_.caller = "alice";
  EXPECT_EQ(Line().at("caller").as_string(), "alice");
}

TEST_F(CallLogTest, TellsOfASuccess) {
  call_.response = &response_;
  const boost::json::value line = Line();
  for (const auto& [name, value] : boost::json::object{{"message", "call"},
                                                       {"method", "verdict.v1.Classifier/Classify"},
                                                       {"code", "OK"},
                                                       {"duration_ms", 6},
                                                       {"request_id", "id"},
                                                       {"trace_id", "0af7651916cd43dd8448eb211c80319c"},
                                                       {"model", "tickets"},
                                                       {"inputs", 2},
                                                       {"tokens", 11},
                                                       {"truncated", 1},
                                                       {"tokenize_ms", 1},
                                                       {"queue_ms", 2},
                                                       {"compute_ms", 3},
                                                       {"batch", 9}}) {
    EXPECT_EQ(line.at(name), value) << std::string(name);
  }
  EXPECT_FALSE(line.as_object().contains("texts"));
}

TEST_F(CallLogTest, TellsOfAFailureWhateverTheShare) {
  call_.status = absl::ResourceExhaustedError("busy");
  call_.reason = "OVERLOADED";
  const boost::json::value line = Line({.sample_rate = 0});
  EXPECT_EQ(line.at("code").as_string(), "RESOURCE_EXHAUSTED");
  EXPECT_EQ(line.at("reason").as_string(), "OVERLOADED");
  EXPECT_FALSE(line.as_object().contains("tokens"));
}

TEST_F(CallLogTest, HasTheSpanWhereSomethingIsTraced) {
  call_.trace = {.trace_id = {1, 2}, .span_id = 3};
  EXPECT_EQ(Line().at("trace_id").as_string(), "00000000000000010000000000000002");
  EXPECT_EQ(Line().at("span_id").as_string(), "0000000000000003");
}

TEST_F(CallLogTest, HasTextsThatSomebodyAskedFor) {
  const std::vector<std::string> texts = {"a \"quoted\" one", "b"};
  call_.texts = &texts;
  EXPECT_EQ(Line().at("texts"), (boost::json::array{"a \"quoted\" one", "b"}));
}

TEST_F(CallLogTest, KeepsWhatThePolicyKeeps) {
  EXPECT_TRUE(Line({.sample_rate = 0}).is_null());
  EXPECT_TRUE(Line({.requests = "failures"}).is_null());
  EXPECT_FALSE(Line({.requests = "failures", .slow_ms = 5}).is_null());
  InitLogging("test", LogLevel::kWarning);
  EXPECT_TRUE(Line().is_null());
}

}  // namespace
}  // namespace verdict
