#include "telemetry/otlp/endpoint.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

TEST(OtlpEndpoint, IsReadAsOpenTelemetryWritesIt) {
  const struct {
    const char *url, *protocol, *target, *path;
    bool tls;
  } cases[] = {
      {"http://collector:4317", "grpc", "collector:4317", "", false},
      {"https://collector", "grpc", "collector:4317", "", true},
      {"collector:99", "grpc", "collector:99", "", false},
      {"unix:/run/otlp", "grpc", "unix:/run/otlp", "", false},
      {"HTTP://[::1]:4318", "http/protobuf", "[::1]:4318", "/v1/traces", false},
      {"http://collector", "http/protobuf", "collector:4318", "/v1/traces", false},
      {"https://host/otlp/", "http/protobuf", "host:4318", "/otlp/v1/traces", true},
      {"http://host:1/v1/traces", "http/protobuf", "host:1", "/v1/traces", false},
  };
  for (const auto& c : cases) {
    const auto endpoint = ParseOtlpEndpoint(c.url, c.protocol);
    ASSERT_TRUE(endpoint.ok()) << c.url << endpoint.status();
    EXPECT_EQ(endpoint->target(), c.target) << c.url;
    EXPECT_EQ(endpoint->path, c.path) << c.url;
    EXPECT_EQ(endpoint->tls, c.tls) << c.url;
  }
  EXPECT_EQ(ParseOtlpEndpoint("http://host/own", "http/protobuf", /*path_is_whole=*/true)->path, "/own");
  EXPECT_EQ(ParseOtlpEndpoint("http://host", "http/protobuf", /*path_is_whole=*/true)->path, "/");
}

TEST(OtlpEndpoint, RefusesWhatIsNone) {
  for (const char* url : {"", "http://", "ftp://host", "host:0", "host:99999", "host:port", "http://user:word@host",
                          "http://[::1", "a b", "http://host?x"}) {
    EXPECT_EQ(ParseOtlpEndpoint(url, "grpc").status().code(), absl::StatusCode::kInvalidArgument) << url;
  }
  const std::string told(ParseOtlpEndpoint("http://user:hidden@host", "grpc").status().message());
  EXPECT_THAT(told, AllOf(HasSubstr("--otlp-headers"), Not(HasSubstr("hidden"))));
  EXPECT_FALSE(ParseOtlpEndpoint("http://host", "http/json").ok());
  EXPECT_FALSE(ParseOtlpEndpoint("unix:/run/otlp", "http/protobuf").ok());
}

TEST(OtlpHeaders, AreLowerCaseAndCheckedWithoutTellingAValue) {
  OtlpEndpoint endpoint;
  ASSERT_TRUE(AddOtlpHeaders("Authorization=Basic%20abc,x-team=1", endpoint).ok());
  EXPECT_THAT(endpoint.headers, ElementsAre(Pair("authorization", "Basic abc"), Pair("x-team", "1")));
  for (const char* headers : {"a b=secret", "a=secret%0a", "a=secret%c3%a4", "secret"}) {
    const absl::Status status = AddOtlpHeaders(headers, endpoint);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << headers;
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("secret"))) << headers;
  }
}

}  // namespace
}  // namespace verdict
