#include "metrics/metrics_listener.h"

#include "gateway/http/testing/raw_http_client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

class MetricsListenerTest : public testing::Test {
 protected:
  MetricsListenerTest() {
    auto listener = MetricsListener::Start(
        "127.0.0.1:0", [](MetricFormat format) { return std::string(format == MetricFormat::kText ? "text" : "open"); });
    EXPECT_TRUE(listener.ok()) << listener.status();
    listener_ = *std::move(listener);
  }
  RawResponse Ask(const std::string& request) { return RawHttpClient(listener_->port()).Ask(request).value_or(RawResponse()); }

  std::unique_ptr<MetricsListener> listener_;
};

TEST_F(MetricsListenerTest, AnswersInTheFormatThatIsAskedFor) {
  const RawResponse text = Ask(GetRequest("/metrics?x=1"));
  EXPECT_EQ(text.status, 200);
  EXPECT_EQ(text.body, "text");
  EXPECT_EQ(text.headers.at("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(text.headers.at("connection"), "close");
  EXPECT_EQ(Ask(GetRequest("/metrics", "ACCEPT:  application/openmetrics-text; version=1.0.0\r\n")).body, "open");
}

TEST_F(MetricsListenerTest, HeadHasNoBody) {
  RawHttpClient client(listener_->port());
  client.Send("HEAD /metrics HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto response = client.Read(/*has_body=*/false);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->headers.at("content-length"), "4");
  EXPECT_TRUE(client.ServerCloses());
}

TEST_F(MetricsListenerTest, RefusesEverythingElse) {
  EXPECT_EQ(Ask(GetRequest("/")).status, 404);
  EXPECT_EQ(Ask(PostRequest("/metrics", "body")).status, 405);
  EXPECT_EQ(Ask("nonsense\r\n\r\n").status, 400);
  EXPECT_EQ(Ask("GET /metrics\r\n\r\n").status, 400);
  EXPECT_EQ(Ask(GetRequest("/metrics", "X: " + std::string(9000, 'x') + "\r\n")).status, 400);
  EXPECT_EQ(Ask(GetRequest("/metrics")).status, 200) << "and goes on";
}

TEST_F(MetricsListenerTest, EndsWhileAScraperSaysNothing) {
  const RawHttpClient silent(listener_->port());
  EXPECT_TRUE(silent.connected());
  listener_.reset();
}

TEST(MetricsListener, SaysWhatIsWrongWithAnAddress) {
  const auto write = [](MetricFormat) { return std::string(); };
  EXPECT_EQ(MetricsListener::Start("nowhere", write).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(MetricsListener::Start("127.0.0.1:66000", write).status().code(), absl::StatusCode::kInvalidArgument);
  const auto first = MetricsListener::Start("127.0.0.1:0", write);
  ASSERT_TRUE(first.ok());
  const auto second = MetricsListener::Start("127.0.0.1:" + std::to_string((*first)->port()), write);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace verdict
