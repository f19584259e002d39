#include "gateway/http/access_log.h"

#include <string>

#include "boost/json.hpp"
#include "common/logging.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

class AccessLogTest : public testing::Test {
 protected:
  AccessLogTest() {
    InitLogging("test", LogLevel::kInfo);
    request_.method = "POST";
    request_.path = "/invocations";
    request_.request_id = "id";
  }

  // The line of an exchange; null where there is none.
  boost::json::value Line(int status, const AccessLogPolicy::Flags& flags = {}, bool cut_off = false) {
    AccessLog log(AccessLogPolicy::Create(flags).value());
    testing::internal::CaptureStderr();
    log.OnExchange({.request = request_,
                    .notes = notes_,
                    .route = "/invocations",
                    .dialect = "sagemaker",
                    .caller = caller_,
                    .status = status,
                    .cut_off = cut_off,
                    .bytes_in = 3,
                    .bytes_out = 4,
                    .duration = absl::Milliseconds(5)});
    const std::string line = testing::internal::GetCapturedStderr();
    return line.empty() ? boost::json::value() : boost::json::parse(line);
  }

  HttpRequest request_;
  ExchangeNotes notes_;
  std::string caller_;
};

TEST_F(AccessLogTest, NamesTheCallerWhereItIsKnown) {
  EXPECT_FALSE(Line(200).as_object().contains("caller"));
  caller_ = "alice";
  EXPECT_EQ(Line(200).at("caller").as_string(), "alice");
}

TEST_F(AccessLogTest, HasRouteContractModelAndPhases) {
  notes_ = {.model = "tickets",
            .model_version = "7",
            .inputs = 2,
            .tokenize = absl::Milliseconds(1),
            .queue = absl::Milliseconds(2),
            .compute = absl::Milliseconds(3)};
  const boost::json::value line = Line(200);
  for (const auto& [name, value] : boost::json::object{{"message", "request"},
                                                       {"method", "POST"},
                                                       {"path", "/invocations"},
                                                       {"route", "/invocations"},
                                                       {"dialect", "sagemaker"},
                                                       {"status", 200},
                                                       {"bytes_in", 3},
                                                       {"bytes_out", 4},
                                                       {"duration_ms", 5},
                                                       {"request_id", "id"},
                                                       {"model", "tickets"},
                                                       {"model_version", "7"},
                                                       {"inputs", 2},
                                                       {"tokenize_ms", 1},
                                                       {"queue_ms", 2},
                                                       {"compute_ms", 3}}) {
    EXPECT_EQ(line.at(name), value) << std::string(name);
  }
  EXPECT_FALSE(line.as_object().contains("trace_id"));
}

TEST_F(AccessLogTest, HasTheSpanWhereSomethingIsTracedElseTheCallersTrace) {
  request_.headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  EXPECT_EQ(Line(200).at("trace_id").as_string(), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_FALSE(Line(200).as_object().contains("span_id"));
  request_.trace = {.trace_id = {1, 2}, .span_id = 3};
  EXPECT_EQ(Line(200).at("trace_id").as_string(), "00000000000000010000000000000002");
  EXPECT_EQ(Line(200).at("span_id").as_string(), "0000000000000003");
}

TEST_F(AccessLogTest, KeepsWhatThePolicyKeeps) {
  const AccessLogPolicy::Flags failures{.requests = "failures"};
  EXPECT_TRUE(Line(200, failures).is_null());
  EXPECT_FALSE(Line(400, failures).is_null());
  EXPECT_FALSE(Line(503, failures).is_null());
  EXPECT_FALSE(Line(200, failures, /*cut_off=*/true).is_null());
  EXPECT_TRUE(Line(503, {.requests = "off"}).is_null());
  InitLogging("test", LogLevel::kWarning);
  EXPECT_TRUE(Line(503).is_null());
}

}  // namespace
}  // namespace verdict
