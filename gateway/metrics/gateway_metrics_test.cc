#include "gateway/metrics/gateway_metrics.h"

#include "gateway/metrics/metered_classifier_client.h"
#include "gateway/testing/fake_classifier_client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

using testing::HasSubstr;
using testing::Not;

class GatewayMetricsTest : public testing::Test {
 protected:
  struct Ended {
    std::string route = {}, dialect = {};
    int status = 200;
    bool refused = false, cut_off = false, too_many_connections = false;
  };
  void End(const Ended& ended) {
    metrics_->OnExchangeBegun();
    metrics_->OnExchange({.request = request_,
                          .notes = notes_,
                          .route = ended.route,
                          .dialect = ended.dialect,
                          .status = ended.status,
                          .refused = ended.refused,
                          .too_many_connections = ended.too_many_connections,
                          .cut_off = ended.cut_off,
                          .bytes_in = 100,
                          .bytes_out = 50,
                          .duration = absl::Milliseconds(2)});
  }
  std::string Text() { return metrics_->registry().Write(MetricFormat::kText); }

  const HttpRequest request_;
  const ExchangeNotes notes_;
  const std::shared_ptr<GatewayMetrics> metrics_ = std::make_shared<GatewayMetrics>("1.2.3");
};

TEST_F(GatewayMetricsTest, ARouteHasItsSeriesAtZero) {
  metrics_->AddRoute("/invocations", "sagemaker");
  const std::string text = Text();
  for (const char* series :
       {"verdict_gateway_requests_total{route=\"/invocations\",dialect=\"sagemaker\",code=\"503\"} 0\n",
        "verdict_gateway_request_duration_seconds_count{route=\"/invocations\",dialect=\"sagemaker\"} 0\n",
        "verdict_gateway_refusals_total{reason=\"too_many_connections\"} 0\n",
        "verdict_gateway_service_calls_total{code=\"UNAVAILABLE\"} 0\n", "verdict_gateway_requests_in_flight 0\n",
        "verdict_build_info{process=\"verdict-gateway\",version=\"1.2.3\"} 1\n"}) {
    EXPECT_THAT(text, HasSubstr(series));
  }
}

TEST_F(GatewayMetricsTest, CountsAnExchange) {
  End({.route = "/invocations", .dialect = "sagemaker"});
  End({.route = "/invocations", .dialect = "sagemaker", .status = 418, .cut_off = true});
  const std::string text = Text();
  for (const char* series :
       {"verdict_gateway_requests_total{route=\"/invocations\",dialect=\"sagemaker\",code=\"200\"} 1\n",
        "verdict_gateway_requests_total{route=\"/invocations\",dialect=\"sagemaker\",code=\"418\"} 1\n",
        "verdict_gateway_received_bytes_total{route=\"/invocations\",dialect=\"sagemaker\"} 200\n",
        "verdict_gateway_sent_bytes_total{route=\"/invocations\",dialect=\"sagemaker\"} 100\n",
        "verdict_gateway_request_duration_seconds_bucket{route=\"/invocations\",dialect=\"sagemaker\",le=\"0.001\"} 0\n",
        "verdict_gateway_request_duration_seconds_bucket{route=\"/invocations\",dialect=\"sagemaker\",le=\"0.0025\"} 2\n",
        "verdict_gateway_cut_off_answers_total 1\n", "verdict_gateway_requests_in_flight 0\n"}) {
    EXPECT_THAT(text, HasSubstr(series));
  }
}

TEST_F(GatewayMetricsTest, CountsWhatItRefusesByWhy) {
  End({.status = 404, .refused = true});
  End({.status = 404, .refused = true});
  End({.status = 404});  // a handler's own
  EXPECT_THAT(Text(), HasSubstr("verdict_gateway_refusals_total{reason=\"no_route\"} 2\n"));
  EXPECT_THAT(Text(), HasSubstr("verdict_gateway_requests_total{route=\"\",dialect=\"\",code=\"404\"} 3\n"));
}

TEST_F(GatewayMetricsTest, TellsTooManyConnectionsFromTooManyBodiesBy429) {
  End({.status = 429, .refused = true});
  End({.status = 429, .refused = true, .too_many_connections = true});
  End({.status = 429, .refused = true, .too_many_connections = true});
  EXPECT_THAT(Text(), HasSubstr("verdict_gateway_refusals_total{reason=\"too_many_requests\"} 1\n"));
  EXPECT_THAT(Text(), HasSubstr("verdict_gateway_refusals_total{reason=\"too_many_connections\"} 2\n"));
}

TEST_F(GatewayMetricsTest, CountsConnections) {
  metrics_->OnConnectionOpened();
  metrics_->OnConnectionOpened();
  metrics_->OnConnectionClosed();
  metrics_->OnConnectionRefused();
  metrics_->OnAcceptFailed();
  EXPECT_THAT(Text(), HasSubstr("verdict_gateway_open_connections 1\n"));
  EXPECT_THAT(Text(), HasSubstr("verdict_gateway_connections_total 2\n"));
  EXPECT_THAT(Text(), HasSubstr("verdict_gateway_refused_connections_total 1\n"));
  EXPECT_THAT(Text(), HasSubstr("verdict_gateway_failed_accepts_total 1\n"));
}

TEST_F(GatewayMetricsTest, CountsHandshakesThatFailed) {
  metrics_->OnHandshakeFailed(HandshakeFailure::kOther);
  EXPECT_THAT(Text(), HasSubstr("verdict_gateway_tls_handshakes_failed_total{reason=\"failed\"} 1\n"));
  EXPECT_THAT(Text(), HasSubstr("verdict_gateway_tls_handshakes_failed_total{reason=\"plain_http\"} 0\n"));
  EXPECT_THAT(Text(), HasSubstr("verdict_gateway_tls_handshakes_failed_total{reason=\"abandoned\"} 0\n"));
}

TEST_F(GatewayMetricsTest, CountsTheCallsOfAClient) {
  auto beneath = std::make_unique<FakeClassifierClient>();
  FakeClassifierClient& fake = *beneath;
  MeteredClassifierClient client(std::move(beneath), metrics_);
  ClassifyCall call;
  call.inputs.emplace_back().text = "hello";
  absl::Status status;
  client.Classify(call, {}, [&](const absl::StatusOr<ClassifyReply>& reply) { status = reply.status(); });
  EXPECT_TRUE(status.ok());
  fake.FailWith(absl::ResourceExhaustedError("full"));
  client.Classify(call, {}, [&](const absl::StatusOr<ClassifyReply>& reply) { status = reply.status(); });
  EXPECT_EQ(status, absl::ResourceExhaustedError("full"));
  const std::string text = Text();
  EXPECT_THAT(text, HasSubstr("verdict_gateway_service_calls_total{code=\"OK\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("verdict_gateway_service_calls_total{code=\"RESOURCE_EXHAUSTED\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("verdict_gateway_service_calls_in_flight 0\n"));
  EXPECT_THAT(text, HasSubstr("verdict_gateway_service_call_duration_seconds_count 2\n"));
  metrics_->OnHealth(absl::OkStatus());
  EXPECT_THAT(Text(), HasSubstr("verdict_gateway_service_healthy 1\n"));
  metrics_->OnHealth(absl::UnavailableError("loading"));
  EXPECT_THAT(Text(), HasSubstr("verdict_gateway_service_healthy 0\n"));
}

}  // namespace
}  // namespace verdict
