#include "gateway/gateway.h"

#include <future>
#include <memory>
#include <string>
#include <thread>

#include "absl/time/clock.h"
#include "gateway/http/testing/raw_http_client.h"
#include "gateway/testing/fake_classifier_client.h"
#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kPatience = absl::Seconds(10);
constexpr char kHello[] = R"({"text":"hello"})";

class GatewayTest : public ::testing::Test {
 protected:
  void Start(ProcessState process = {}) {
    options_.http.listen = "127.0.0.1:0";
    options_.http.limits.drain_grace = absl::ZeroDuration();
    auto client = std::make_unique<FakeClassifierClient>();
    client_ = client.get();
    client_->ReplyWith("1234567890", 0.9823f);
    auto gateway = Gateway::Start(options_, std::move(client), std::move(process));
    ASSERT_TRUE(gateway.ok()) << gateway.status();
    gateway_ = *std::move(gateway);
    http_ = std::make_unique<RawHttpClient>(gateway_->port());
  }
  RawResponse Ask(const std::string& request) { return http_->Ask(request).value_or(RawResponse()); }

  Gateway::Options options_;
  FakeClassifierClient* client_ = nullptr;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<RawHttpClient> http_;
};

TEST_F(GatewayTest, ClassifiesAsSageMakerAsks) {
  Start();
  const RawResponse response = Ask(PostRequest("/invocations", kHello, "x-request-id: abc\r\n"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"prediction":{"label":"1234567890","probability":0.9822999835014343}})");
  EXPECT_EQ(response.headers.at("content-type"), "application/json");
  EXPECT_EQ(response.headers.at("x-request-id"), "abc");
  EXPECT_EQ(client_->last_options().request_id, "abc");
  EXPECT_EQ(client_->last_call().inputs.at(0).text, "hello");
}

TEST_F(GatewayTest, PingFollowsTheServiceAndTheProcess) {
  absl::Status process;
  Start([&] { return process; });
  const RawResponse healthy = Ask(GetRequest("/ping"));
  EXPECT_EQ(healthy.status, 200);
  EXPECT_EQ(healthy.headers.at("content-length"), "0");
  EXPECT_EQ(Ask(PostRequest("/ping", "")).status, 200);
  EXPECT_EQ(Ask("POST /ping HTTP/1.1\r\nHost: h\r\n\r\n").status, 200);  // needs no length
  client_->SetHealth(absl::UnavailableError("loading"));
  const RawResponse sick = Ask(GetRequest("/ping"));
  EXPECT_EQ(sick.status, 503);
  EXPECT_THAT(sick.body, HasSubstr("loading"));
  process = absl::UnavailableError("restarting");
  EXPECT_THAT(Ask(GetRequest("/ping")).body, HasSubstr("restarting"));
  process = absl::OkStatus();
  client_->SetHealth(absl::OkStatus());
  EXPECT_EQ(Ask(GetRequest("/ping")).status, 200);
}

struct Row {
  const char* name;
  std::string request;
  int status;
  const char* says;
};

class GatewayRefusalTest : public GatewayTest, public ::testing::WithParamInterface<Row> {};

TEST_P(GatewayRefusalTest, IsClearAndTheNextRequestIsAnswered) {
  options_.http.limits.body_bytes = 1000;
  Start();
  const RawResponse response = Ask(GetParam().request);
  EXPECT_EQ(response.status, GetParam().status);
  EXPECT_EQ(response.headers.at("content-type"), "application/problem+json");
  EXPECT_THAT(response.body, HasSubstr(GetParam().says));
  EXPECT_THAT(response.body, HasSubstr(response.headers.at("x-request-id")));
  EXPECT_EQ(client_->calls(), 0u);
  EXPECT_EQ(RawHttpClient(gateway_->port()).Ask(PostRequest("/invocations", kHello))->status, 200);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, GatewayRefusalTest,
    ::testing::Values(Row{"BrokenJson", PostRequest("/invocations", "{"), 400, "not valid JSON"},
                      Row{"NoText", PostRequest("/invocations", "{}"), 400, "missing"},
                      Row{"WrongType", PostRequest("/invocations", R"({"text":1})"), 400, "must be a string"},
                      Row{"InvalidUtf8", PostRequest("/invocations", "{\"text\":\"\xff\"}"), 400, "byte 9"},
                      Row{"LoneSurrogate", PostRequest("/invocations", R"({"text":"\ud800"})"), 400, "byte 9"},
                      Row{"Empty", PostRequest("/invocations", ""), 400, "empty"},
                      Row{"Xml", PostRequest("/invocations", "<a/>", "Content-Type: text/xml\r\n"), 415, "text/xml"},
                      Row{"TooLarge", PostRequest("/invocations", std::string(2000, ' ')), 413, "1000 bytes"},
                      Row{"NoLength", "POST /invocations HTTP/1.1\r\nHost: h\r\n\r\n", 411, "Content-Length"},
                      Row{"WrongMethod", GetRequest("/invocations"), 405, "POST"},
                      Row{"Nowhere", GetRequest("/nowhere"), 404, "/nowhere"},
                      Row{"BadTimeout", PostRequest("/invocations", kHello, "x-request-timeout-ms: soon\r\n"), 400, "soon"}),
    [](const auto& row) { return row.param.name; });

TEST_F(GatewayTest, FailuresOfTheServiceAreTranslated) {
  Start();
  const std::pair<absl::Status, int> rows[] = {{absl::InvalidArgumentError("x"), 400},
                                               {absl::ResourceExhaustedError("x"), 429},
                                               {absl::UnavailableError("x"), 503},
                                               {absl::DeadlineExceededError("x"), 504},
                                               {absl::InternalError("x"), 500}};
  for (const auto& [status, expected] : rows) {
    client_->FailWith(status);
    EXPECT_EQ(Ask(PostRequest("/invocations", kHello)).status, expected);
  }
}

TEST_F(GatewayTest, ACallerThatLeavesCancelsItsCall) {
  Start();
  client_->Hold();
  ASSERT_TRUE(http_->Send(PostRequest("/invocations", kHello)));
  ASSERT_TRUE(client_->AwaitCalls(1));
  http_->Close();
  EXPECT_TRUE(client_->AwaitCancel());
}

TEST_F(GatewayTest, DrainAnswersWhatIsUnderWay) {
  Start();
  client_->Hold();
  ASSERT_TRUE(http_->Send(PostRequest("/invocations", kHello)));
  ASSERT_TRUE(client_->AwaitCalls(1));
  auto drained = std::async(std::launch::async, [this] { return gateway_->Drain(absl::Now() + kPatience); });
  while (RawHttpClient(gateway_->port()).connected()) std::this_thread::yield();  // until it listens no more
  client_->Release();
  const auto response = http_->Read();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->headers.at("connection"), "close");
  EXPECT_TRUE(drained.get());
}

TEST_F(GatewayTest, MayEndWithACallUnderWay) {
  Start();
  client_->Hold();
  ASSERT_TRUE(http_->Send(PostRequest("/invocations", kHello)));
  ASSERT_TRUE(client_->AwaitCalls(1));
  EXPECT_FALSE(gateway_->Drain(absl::Now()));
  gateway_.reset();
}

TEST_F(GatewayTest, AMultiModelEndpointAsksByPath) {
  Start();
  EXPECT_EQ(Ask(PostRequest("/models/tick%20ets/invoke", kHello, "X-Amzn-SageMaker-Custom-Attributes: a=1\r\n"))
                .headers.at("x-amzn-sagemaker-custom-attributes"),
            "a=1");
  EXPECT_EQ(client_->last_call().model, "tick ets");
  EXPECT_EQ(Ask(GetRequest("/models")).body, R"({"models":[]})");
  client_->ReplyWithModels(absl::NotFoundError("no model is named \"x\""));
  EXPECT_EQ(Ask(GetRequest("/models/x")).status, 404);
  client_->ReplyWithModels(absl::ResourceExhaustedError("full"));
  EXPECT_EQ(Ask(PostRequest("/models", R"({"model_name":"x","url":"/x"})")).status, 507);
}

TEST_F(GatewayTest, DialectsThatAreNotListedAreNotThere) {
  options_.dialects.enabled = {"sagemaker"};
  Start();
  EXPECT_EQ(Ask(GetRequest("/models")).status, 404);
  EXPECT_EQ(Ask(GetRequest("/ping")).status, 200);
}

TEST(GatewayStartTest, ADialectThatIsNoneIsNamed) {
  Gateway::Options options;
  options.dialects.enabled = {"soap"};
  EXPECT_THAT(std::string(Gateway::Start(options, std::make_unique<FakeClassifierClient>()).status().message()),
              HasSubstr("soap"));
}

class SentimentPortTest : public GatewayTest {
 protected:
  void StartBoth() {
    options_.sentiment_listen = "127.0.0.1:0";
    Start();
    ASSERT_NE(gateway_->sentiment_port(), 0);
  }
  RawResponse AskSentiment(const std::string& request) {
    return RawHttpClient(gateway_->sentiment_port()).Ask(request).value_or(RawResponse());
  }
};

TEST_F(SentimentPortTest, HasTheContractAndNothingElse) {
  StartBoth();
  EXPECT_EQ(AskSentiment(PostRequest("/predict", kHello)).body,
            R"({"text":"hello","sentiment":"1234567890","confidence":0.9822999835014343,"model_version":""})");
  const RawResponse missing = AskSentiment(PostRequest("/invocations", kHello));
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.body, R"({"detail":"Not Found"})");
  const RawResponse method = AskSentiment(GetRequest("/predict"));
  EXPECT_EQ(method.status, 405);
  EXPECT_EQ(method.body, R"({"detail":"Method Not Allowed"})");
  EXPECT_EQ(method.headers.at("allow"), "POST");
  EXPECT_EQ(Ask(PostRequest("/invocations", kHello)).status, 200);
  EXPECT_EQ(Ask(PostRequest("/predict", kHello)).status, 200);
  EXPECT_EQ(Ask(GetRequest("/nowhere")).headers.at("content-type"), "application/problem+json");
}

TEST_F(SentimentPortTest, IsThereForWebPages) {
  StartBoth();
  const std::string page = "Origin: https://page.example\r\n";
  const RawResponse open = AskSentiment(GetRequest("/health", page));
  EXPECT_EQ(open.headers.at("access-control-allow-origin"), "*");
  EXPECT_EQ(open.headers.at("access-control-allow-credentials"), "true");
  EXPECT_EQ(AskSentiment(GetRequest("/health", page + "Cookie: a=b\r\n")).headers.at("access-control-allow-origin"),
            "https://page.example");
  EXPECT_FALSE(Ask(GetRequest("/health", page)).headers.contains("access-control-allow-origin"));
}

TEST_F(SentimentPortTest, AnAnswerThatIsReadableByFewStaysSo) {
  options_.http.conventions.cors.origins = {"https://other.example"};
  StartBoth();
  EXPECT_FALSE(
      AskSentiment(GetRequest("/health", "Origin: https://page.example\r\n")).headers.contains("access-control-allow-origin"));
}

TEST_F(SentimentPortTest, ABatchThatIsTooLargeIsToldOfLast) {
  options_.dialects.sentiment.max_batch_size = 1;
  StartBoth();
  const std::string large = PostRequest("/predict_batch", R"({"texts":["a","b"]})");
  EXPECT_EQ(AskSentiment(large).status, 400);
  EXPECT_EQ(AskSentiment(large).body, R"({"detail":"Batch size 2 exceeds maximum allowed size of 1"})");
  client_->SetHealth(absl::UnavailableError("loading"));
  EXPECT_EQ(AskSentiment(large).status, 503);
  EXPECT_EQ(AskSentiment(PostRequest("/predict_batch", R"({"texts":[]})")).status, 422);
  EXPECT_EQ(AskSentiment(GetRequest("/health")).status, 200);
  EXPECT_EQ(client_->calls(), 0u);
}

TEST_F(SentimentPortTest, BothPortsAreDrained) {
  StartBoth();
  client_->Hold();
  RawHttpClient caller(gateway_->sentiment_port());
  ASSERT_TRUE(caller.Send(PostRequest("/predict", kHello)));
  ASSERT_TRUE(client_->AwaitCalls(1));
  auto drained = std::async(std::launch::async, [this] { return gateway_->Drain(absl::Now() + kPatience); });
  for (const int port : {gateway_->port(), gateway_->sentiment_port()}) {
    while (RawHttpClient(port).connected()) std::this_thread::yield();
  }
  client_->Release();
  const auto response = caller.Read();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_TRUE(drained.get());
}

TEST_F(SentimentPortTest, APortThatIsTakenEndsTheStart) {
  Start();
  Gateway::Options options = options_;
  options.sentiment_listen = "127.0.0.1:" + std::to_string(gateway_->port());
  const auto second = Gateway::Start(options, std::make_unique<FakeClassifierClient>());
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace verdict
