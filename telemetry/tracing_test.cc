#include "telemetry/tracing.h"

#include <cstdlib>
#include <string>
#include <vector>

#include "common/steady_clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

using testing::HasSubstr;
using testing::Not;

class TracingOptionsTest : public testing::Test {
 protected:
  ~TracingOptionsTest() override {
    for (const std::string& name : set_) unsetenv(name.c_str());
  }
  void Environment(const std::string& name, const std::string& value) {
    setenv(name.c_str(), value.c_str(), /*overwrite=*/1);
    set_.push_back(name);
  }
  absl::StatusOr<std::unique_ptr<TracingOptions>> Parse(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "program");
    OptionParser parser("program", "", "1");
    TracingFlags flags;
    DeclareTracingOptions(parser, flags);
    const auto outcome = parser.Parse(static_cast<int>(arguments.size()), arguments.data());
    if (outcome.exit) return absl::UnknownError(outcome.text);
    for (const auto& setting : parser.Effective()) shown_ += setting.name + "=" + setting.value + "\n";
    return ApplyTracingFlags(parser, flags, "verdict-test", "1");
  }

  std::vector<std::string> set_;
  std::string shown_;
};

TEST_F(TracingOptionsTest, NothingIsTracedUnlessSomebodyAsks) {
  EXPECT_EQ(Parse({}).value(), nullptr);
  Environment("OTEL_SDK_DISABLED", "true");
  EXPECT_EQ(Parse({"--otlp-endpoint=http://collector"}).value(), nullptr);
}

TEST_F(TracingOptionsTest, FlagsSayWhereAndHowMuch) {
  const auto options = Parse({"--otlp-endpoint=http://collector", "--otlp-protocol=http/protobuf", "--trace-sample-rate=0",
                              "--trace-queue-spans=7"})
                           .value();
  ASSERT_NE(options, nullptr);
  EXPECT_EQ(options->endpoint.target(), "collector:4318");
  EXPECT_EQ(options->endpoint.path, "/v1/traces");
  EXPECT_FALSE(options->sampler.Samples({}, NewTraceId()));
  EXPECT_EQ(options->queue.capacity, 7u);
  EXPECT_EQ(options->queue.batch, 7u);
  EXPECT_EQ(options->resource.Find("service.name"), "verdict-test");
}

TEST_F(TracingOptionsTest, TheVariablesOfOpenTelemetryAreUnderstood) {
  Environment("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:1/base");
  Environment("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
  Environment("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20hidden");
  Environment("OTEL_SERVICE_NAME", "tickets");
  Environment("OTEL_RESOURCE_ATTRIBUTES", "team=mail,service.name=loses");
  Environment("OTEL_TRACES_SAMPLER", "always_off");
  const auto options = Parse({}).value();
  ASSERT_NE(options, nullptr);
  EXPECT_EQ(options->endpoint.path, "/base/v1/traces");
  EXPECT_EQ(options->endpoint.headers.front().second, "Bearer hidden");
  EXPECT_EQ(options->resource.Find("service.name"), "tickets");
  EXPECT_EQ(options->resource.Find("team"), "mail");
  EXPECT_FALSE(options->sampler.Samples({.trace_id = {1, 1}, .span_id = 1, .sampled = true}, NewTraceId()));
  EXPECT_THAT(shown_, Not(HasSubstr("hidden")));
  EXPECT_THAT(shown_, HasSubstr("otlp-headers=(secret)"));
}

TEST_F(TracingOptionsTest, TheEndpointOfTracesAloneIsTakenAsItIs) {
  Environment("OTEL_EXPORTER_OTLP_ENDPOINT", "http://other");
  Environment("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://collector:1/own");
  Environment("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf");
  EXPECT_EQ(Parse({}).value()->endpoint.path, "/own");
}

TEST_F(TracingOptionsTest, MistakesAreToldWithTheirOption) {
  const struct {
    const char *argument, *told;
  } cases[] = {
      {"--otlp-endpoint=ftp://x", "--otlp-endpoint"},   {"--otlp-headers=nothing", "--otlp-headers"},
      {"--trace-sampler=sometimes", "--trace-sampler"}, {"--trace-sample-rate=2", "--trace-sample-rate"},
      {"--otlp-protocol=http/json", "--otlp-protocol"}, {"--trace-resource-attributes=x", "--trace-resource-attributes"}};
  for (const auto& c : cases) {
    const auto options = Parse({"--otlp-endpoint=http://collector", c.argument});
    ASSERT_FALSE(options.ok()) << c.argument;
    EXPECT_THAT(std::string(options.status().message()), HasSubstr(c.told));
  }
}

TEST_F(TracingOptionsTest, CertificatesThatCannotBeReadAreAnErrorOfTheStart) {
  const auto options = Parse({"--otlp-endpoint=https://collector", "--otlp-ca-file=/nonexistent"}).value();
  EXPECT_THAT(std::string(Tracing::Start(*options).status().message()), HasSubstr("--otlp-ca-file"));
}

TEST_F(TracingOptionsTest, EndsInTimeThoughNobodyListens) {
  for (const char* protocol : {"--otlp-protocol=grpc", "--otlp-protocol=http/protobuf"}) {
    const auto options = Parse({"--otlp-endpoint=http://127.0.0.1:1", protocol}).value();
    auto tracing = Tracing::Start(*options).value();
    tracing->tracer().Record({.context = tracing->tracer().Begin({}), .name = "span"});
    tracing->Close(SteadyNow() + absl::Seconds(20));
    EXPECT_EQ(tracing->counts().dropped_failed, 1u) << protocol;
  }
}

}  // namespace
}  // namespace verdict
