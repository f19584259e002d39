// Bodies of records through the whole gateway, on real sockets.
#include <future>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gateway/gateway.h"
#include "gateway/http/testing/raw_http_client.h"
#include "gateway/testing/fake_classifier_client.h"
#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;

class GatewayRecordsTest : public ::testing::Test {
 protected:
  void Start() {
    options_.http.listen = "127.0.0.1:0";
    options_.http.limits.drain_grace = absl::ZeroDuration();
    options_.http.limits.body_bytes = 1000;
    auto client = std::make_unique<FakeClassifierClient>();
    client_ = client.get();
    client_->AnswerBy([](const ClassifyCall& call) -> absl::StatusOr<ClassifyReply> {
      ClassifyReply reply;
      for (const auto& input : call.inputs) reply.results.emplace_back().labels.push_back({input.text, 0.5f, 0});
      return reply;
    });
    auto gateway = Gateway::Start(options_, std::move(client));
    ASSERT_TRUE(gateway.ok()) << gateway.status();
    gateway_ = *std::move(gateway);
    http_ = std::make_unique<RawHttpClient>(gateway_->port());
  }

  Gateway::Options options_;
  FakeClassifierClient* client_ = nullptr;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<RawHttpClient> http_;
};

constexpr char kLines[] = "Content-Type: application/jsonlines\r\n";

TEST_F(GatewayRecordsTest, AFileThatIsSentBeforeAnythingIsReadIsAnsweredWhole) {
  options_.http.limits.backlog_bytes = 32 * 1024;
  Start();
  std::string body, expected;
  for (int i = 0; i < 30'000; ++i) {
    absl::StrAppend(&body, R"({"text":"number )", i, "\"}\n");
    absl::StrAppend(&expected, R"({"prediction":{"label":"number )", i, R"(","probability":0.5}})", "\n");
  }
  ASSERT_TRUE(http_->Send(PostRequest("/invocations", body, kLines)));
  const auto response = http_->Read();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_TRUE(response->body == expected);
  EXPECT_EQ(http_->Ask(PostRequest("/invocations", R"({"text":"next"})"))->status, 200);
}

TEST_F(GatewayRecordsTest, AModelOfThePathIsAsked) {
  Start();
  EXPECT_EQ(http_->Ask(PostRequest("/models/tickets/invoke", "a\n", "Content-Type: text/csv\r\n"))->body, "a,0.5\n");
  EXPECT_EQ(client_->last_call().model, "tickets");
}

TEST_F(GatewayRecordsTest, ACallerThatLeavesCancelsItsCalls) {
  Start();
  client_->Hold();
  ASSERT_TRUE(http_->Send(PostRequest("/invocations", "\"a\"\n", kLines)));
  ASSERT_TRUE(client_->AwaitCalls(1));
  http_->Close();
  EXPECT_TRUE(client_->AwaitCancel());
}

TEST_F(GatewayRecordsTest, MayEndWithCallsUnderWay) {
  Start();
  client_->Hold();
  ASSERT_TRUE(http_->Send(PostRequest("/invocations", "\"a\"\n", kLines)));
  ASSERT_TRUE(client_->AwaitCalls(1));
  EXPECT_FALSE(gateway_->Drain(absl::Now()));
  gateway_.reset();
}

struct Row {
  const char* name;
  std::string request;
  int status;
  const char* says;
};

class RecordRefusalTest : public GatewayRecordsTest, public ::testing::WithParamInterface<Row> {};

TEST_P(RecordRefusalTest, IsClearAndTheNextRequestIsAnswered) {
  Start();
  const auto response = http_->Ask(GetParam().request);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, GetParam().status);
  EXPECT_EQ(response->headers.at("content-type"), "application/problem+json");
  EXPECT_THAT(response->body, HasSubstr(GetParam().says));
  EXPECT_EQ(client_->calls(), 0u);
  EXPECT_EQ(RawHttpClient(gateway_->port()).Ask(PostRequest("/invocations", "\"a\"", kLines))->status, 200);
}

std::string Csv(std::string_view more) {
  return PostRequest("/invocations", "a\n", absl::StrCat("Content-Type: text/csv\r\n", std::string(more)));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, RecordRefusalTest,
    ::testing::Values(
        Row{"MediaType", PostRequest("/invocations", "a", "Content-Type: text/html\r\n"), 415, "text/html"},
        Row{"Charset", PostRequest("/invocations", "a", "Content-Type: text/csv; charset=utf-16\r\n"), 415, "utf-16"},
        Row{"Coding", Csv("Content-Encoding: gzip\r\n"), 415, "gzip"},
        Row{"Header", PostRequest("/invocations", "a", "Content-Type: text/csv; header=x\r\n"), 415, "header=x"},
        Row{"Accept", Csv("Accept: image/png\r\n"), 406, "text/csv"},
        Row{"Timeout", Csv("x-request-timeout-ms: -1\r\n"), 400, "milliseconds"},
        Row{"Method", GetRequest("/invocations", "Content-Type: text/csv\r\n"), 405, "POST"},
        Row{"NoLength", "POST /invocations HTTP/1.1\r\nHost: h\r\nContent-Type: text/csv\r\n\r\n", 411, "chunks"},
        Row{"NoHost", "POST /invocations HTTP/1.1\r\nContent-Type: text/csv\r\nContent-Length: 1\r\n\r\na", 400, "Host"},
        Row{"Expect", Csv("Expect: tea\r\n"), 417, "100-continue"},
        Row{"TwoLengths", Csv("Transfer-Encoding: chunked\r\n"), 400, ""},
        Row{"Chunks",
            "POST /invocations HTTP/1.1\r\nHost: h\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400,
            "HTTP/1.1"},
        Row{"Text", PostRequest("/invocations", "\xff", "Content-Type: text/plain\r\n"), 400, "UTF-8"}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace verdict
