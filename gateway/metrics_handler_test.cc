#include "gateway/metrics_handler.h"

#include <optional>

#include "common/steady_clock.h"
#include "gateway/testing/fake_classifier_client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

class FakeMetricsClient : public MetricsClient {
 public:
  void CollectMetrics(bool open_metrics, absl::Time deadline, MetricsDone done) override {
    asked_for_open_ = open_metrics;
    deadline_ = deadline;
    done(answer_);
  }

  absl::StatusOr<std::string> answer_ =
      "# HELP process_threads T\n# TYPE process_threads gauge\nprocess_threads{process=\"s\"} 9\n";
  bool asked_for_open_ = false;
  absl::Time deadline_;
};

class MetricsHandlerTest : public testing::Test {
 protected:
  HttpResponse Ask(MetricsClient* service, const char* accept = nullptr) {
    HttpRequest request;
    if (accept != nullptr) request.headers.Add("Accept", accept);
    std::optional<HttpResponse> answer;
    MakeMetricsHandler({.own = metrics_, .health = &health_, .service = service})(request,
                                                                                  [&](HttpResponse r) { answer = std::move(r); });
    return answer.value_or(HttpResponse{.status = 0});
  }

  const std::shared_ptr<GatewayMetrics> metrics_ = std::make_shared<GatewayMetrics>("1");
  FakeClassifierClient health_;
  FakeMetricsClient service_;
};

TEST_F(MetricsHandlerTest, AnswersForBothProcesses) {
  const HttpResponse answer = Ask(&service_);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(answer.body, HasSubstr("process_threads{process=\"s\"} 9\n"));
  EXPECT_THAT(answer.body, HasSubstr("process_threads{process=\"verdict-gateway\"} "));
  EXPECT_THAT(answer.body, HasSubstr("verdict_gateway_service_metrics_up 1\n"));
  EXPECT_FALSE(service_.asked_for_open_);
}

TEST_F(MetricsHandlerTest, AsksTheServiceForTheFormatOfTheScraper) {
  const HttpResponse answer = Ask(&service_, "application/openmetrics-text; version=1.0.0");
  EXPECT_TRUE(service_.asked_for_open_);
  EXPECT_THAT(answer.content_type, HasSubstr("openmetrics"));
  EXPECT_THAT(answer.body, EndsWith("\n# EOF\n"));
}

TEST_F(MetricsHandlerTest, HasPatienceWithTheServiceButNotForever) {
  const absl::Time before = SteadyNow();
  Ask(&service_);
  EXPECT_GE(service_.deadline_, before + absl::Seconds(1));
  EXPECT_LT(service_.deadline_, before + absl::Seconds(10)) << "a scraper gives up after ten seconds";
}

TEST_F(MetricsHandlerTest, AServiceThatIsAwayTakesItsOwnMetricsWithIt) {
  service_.answer_ = absl::UnavailableError("away");
  const HttpResponse answer = Ask(&service_);
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr("verdict_gateway_service_metrics_up 0\n"));
  EXPECT_THAT(answer.body, Not(HasSubstr("process=\"s\"")));
}

TEST_F(MetricsHandlerTest, AsksWhetherTheServiceServes) {
  EXPECT_THAT(Ask(nullptr).body, HasSubstr("verdict_gateway_service_healthy 1\n"));
  health_.SetHealth(absl::UnavailableError("loading"));
  EXPECT_THAT(Ask(&service_).body, HasSubstr("verdict_gateway_service_healthy 0\n"));
}

TEST_F(MetricsHandlerTest, WithoutAServiceThereAreItsOwn) {
  EXPECT_THAT(Ask(nullptr).body, HasSubstr("verdict_gateway_open_connections 0\n"));
}

}  // namespace
}  // namespace verdict
