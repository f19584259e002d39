#include "gateway/http/http_observer.h"

#include <memory>
#include <string>

#include "gateway/http/testing/raw_http_client.h"
#include "gateway/testing/event.h"
#include "gateway/testing/http_server_fixture.h"
#include "gateway/testing/recording_http_observer.h"
#include "gateway/testing/stream_sinks.h"
#include "gmock/gmock.h"

namespace verdict {
namespace {

class HttpObserverTest : public HttpServerTest {
 protected:
  HttpObserverTest() {
    options_.conventions.observers = {observer_};
    more_routes_.push_back({.method = "GET",
                            .path = "/models/{model}",
                            .handler = [](const HttpRequest&, Respond respond) -> CancelRequest {
                              HttpResponse response{.status = 200, .body = "you"};
                              response.notes = {.dialect = "chosen", .model = "tickets", .inputs = 3};
                              respond(std::move(response));
                              return {};
                            },
                            .dialect = "usual"});
    more_routes_.push_back(
        {.method = "POST",
         .path = "/stream",
         .handler = Echo,
         .stream = {.takes = [](const HttpRequest&) { return true; },
                    .open = [this](const HttpRequest&, HttpStream& stream) { return std::make_unique<EchoSink>(stream, gone_); },
                    .dialect = "records"},
         .dialect = "usual"});
  }

  // The exchange after one request.
  RecordingHttpObserver::Exchange After(const std::string& request) {
    if (!server_) Start();
    RawHttpClient(port()).Ask(request);
    const auto exchanges = observer_->Await(1);
    EXPECT_EQ(exchanges.size(), 1u);
    return exchanges.at(0);
  }

  const std::shared_ptr<RecordingHttpObserver> observer_ = std::make_shared<RecordingHttpObserver>();
  Event gone_;
};

TEST_F(HttpObserverTest, TellsOfAnAnsweredRequest) {
  const std::string request = GetRequest("/models/a%20b?x=1", "X-Request-Id: mine\r\n");
  const auto exchange = After(request);
  EXPECT_EQ(exchange.method, "GET");
  EXPECT_EQ(exchange.route, "/models/{model}") << "the pattern, not what a caller made of it";
  EXPECT_EQ(exchange.dialect, "chosen") << "what the handler says goes before what the route says";
  EXPECT_EQ(exchange.status, 200);
  EXPECT_FALSE(exchange.refused);
  EXPECT_EQ(exchange.bytes_in, request.size());
  EXPECT_GT(exchange.bytes_out, 3u);
  EXPECT_EQ(exchange.request_id, "mine");
  EXPECT_EQ(exchange.notes.model, "tickets");
  EXPECT_EQ(exchange.notes.inputs, 3);
  EXPECT_GE(exchange.duration, absl::ZeroDuration());
  EXPECT_EQ(observer_->begun(), 1);
}

TEST_F(HttpObserverTest, TellsOfWhatNoRouteTakes) {
  const auto exchange = After(GetRequest("/nowhere"));
  EXPECT_EQ(exchange.status, 404);
  EXPECT_EQ(exchange.route, "");
  EXPECT_EQ(exchange.dialect, "");
  EXPECT_TRUE(exchange.refused);
}

TEST_F(HttpObserverTest, TellsOfWhatTheServerRefusesOfARoute) {
  const auto exchange = After("POST /stream HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(exchange.status, 417);
  EXPECT_EQ(exchange.route, "/stream");
  EXPECT_TRUE(exchange.refused);
}

TEST_F(HttpObserverTest, TellsOfWhatIsNoHttp) {
  const auto exchange = After("complete nonsense\r\n\r\n");
  EXPECT_EQ(exchange.status, 400);
  EXPECT_TRUE(exchange.refused);
}

TEST_F(HttpObserverTest, TellsOfACallerThatLeaves) {
  Start();
  RawHttpClient client(port());
  client.Send(PostRequest("/held", "body"));
  ASSERT_TRUE(held_.Await(1));
  client.Close();
  const auto exchanges = observer_->Await(1);
  ASSERT_EQ(exchanges.size(), 1u);
  EXPECT_EQ(exchanges[0].status, 499);
  EXPECT_FALSE(exchanges[0].refused);
}

TEST_F(HttpObserverTest, TellsOfAStreamedAnswer) {
  const auto exchange = After(PostRequest("/stream", "some bytes"));
  EXPECT_EQ(exchange.status, 200);
  EXPECT_EQ(exchange.dialect, "records");
  EXPECT_FALSE(exchange.cut_off);
}

TEST_F(HttpObserverTest, TellsOfAStreamThatIsCutOff) {
  Start();
  RawHttpClient client(port());
  client.Send(PostRequest("/stream", "abort"));
  client.ReadUntilClosed();
  const auto exchanges = observer_->Await(1);
  ASSERT_EQ(exchanges.size(), 1u);
  EXPECT_TRUE(exchanges[0].cut_off);
}

TEST_F(HttpObserverTest, CountsConnectionsAndThoseThatAreTooMany) {
  options_.limits.max_connections = 1;
  Start();
  {
    RawHttpClient first(port());
    ASSERT_TRUE(first.Ask(GetRequest("/echo")));
    const auto refusal = RawHttpClient(port()).Read();
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->status, 429);
    const auto exchanges = observer_->Await(2);
    ASSERT_EQ(exchanges.size(), 2u);
    EXPECT_EQ(exchanges[1].method, "");
    EXPECT_EQ(exchanges[1].status, 429);
    EXPECT_TRUE(exchanges[1].refused);
    EXPECT_TRUE(exchanges[1].too_many_connections);
    EXPECT_FALSE(exchanges[0].too_many_connections);
    EXPECT_EQ(observer_->opened(), 1);
    EXPECT_EQ(observer_->refused(), 1);
    EXPECT_EQ(observer_->begun(), 2) << "each OnExchange has one";
  }
  EXPECT_TRUE(observer_->AwaitClosed(1));
}

}  // namespace
}  // namespace verdict
