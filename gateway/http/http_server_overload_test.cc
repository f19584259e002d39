#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "gateway/http/http_server.h"
#include "gateway/http/testing/raw_http_client.h"
#include "gateway/testing/http_server_fixture.h"
#include "gateway/testing/recording_http_observer.h"
#include "gmock/gmock.h"

namespace verdict {
namespace {

TEST_F(HttpServerTest, MoreConnectionsThanAllowedAre429) {
  options_.limits.max_connections = 2;
  Start();
  auto first = std::make_unique<RawHttpClient>(port());
  RawHttpClient second(port());
  EXPECT_EQ(first->Ask(GetRequest("/echo"))->status, 200);
  EXPECT_EQ(second.Ask(GetRequest("/echo"))->status, 200);
  RawHttpClient third(port());
  const auto refused = third.Ask(GetRequest("/echo"));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 429);
  EXPECT_EQ(refused->headers.at("retry-after"), "1");
  EXPECT_TRUE(third.ServerCloses());
  EXPECT_EQ(second.Ask(GetRequest("/echo"))->status, 200);
}

TEST_F(HttpServerTest, AnAddressHasALimitOfItsOwnAndGetsItsPlacesBack) {
  options_.limits.max_connections_per_address = 1;
  Start();
  {
    RawHttpClient first(port());
    EXPECT_EQ(first.Ask(GetRequest("/echo"))->status, 200);
    RawHttpClient second(port());
    EXPECT_EQ(second.Ask(GetRequest("/echo"))->status, 429);
  }
  for (int status = 429; status != 200;) {  // until the server has seen the first one go
    RawHttpClient third(port());
    const auto response = third.Ask(GetRequest("/echo"));
    ASSERT_TRUE(response);
    status = response->status;
  }
}

TEST_F(HttpServerTest, ABodyThatComesTooSlowlyIs408LongBeforeItsTimeIsUp) {
  options_.limits.body_timeout = absl::Hours(1);
  options_.limits.body_grace = absl::Milliseconds(20);
  options_.limits.body_rate = 1'000'000;
  Start();
  RawHttpClient client(port());
  EXPECT_EQ(client.Ask("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf")->status, 408);
  EXPECT_TRUE(client.ServerCloses());
}

TEST_F(HttpServerTest, AnswersThatNobodyReadsAreGivenUpTheOldestFirst) {
  constexpr size_t kLarge = 16 << 20;  // more than the buffers of two sockets
  options_.limits.unread_answers = std::make_shared<UnreadAnswers>(2 * kLarge + 1);
  const auto observer = std::make_shared<RecordingHttpObserver>();
  options_.conventions.observers = {observer};
  more_routes_.push_back({"GET", "/large", [](const HttpRequest&, Respond respond) {
                            respond({.status = 200, .content_type = "text/plain", .body = std::string(kLarge, 'a')});
                            return CancelRequest();
                          }});
  Start();
  std::vector<std::unique_ptr<RawHttpClient>> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(std::make_unique<RawHttpClient>(port()));
    ASSERT_TRUE(clients.back()->Send(GetRequest("/large")));
    ASSERT_TRUE(clients.back()->HearsWithin(absl::Seconds(10)));
    RawHttpClient reads(port());
    EXPECT_EQ(reads.Ask(GetRequest("/large"))->body.size(), kLarge);
  }
  EXPECT_FALSE(clients[0]->Read());
  EXPECT_EQ(clients[3]->Read()->body.size(), kLarge);
  EXPECT_GE(options_.limits.unread_answers->given_up(), 2u);
  const auto exchanges = observer->Await(8);
  EXPECT_GE(std::ranges::count_if(exchanges, [](const auto& exchange) { return exchange.cut_off; }), 2);
}

TEST_F(HttpServerTest, BodiesThatHaveNoPlaceTogetherAre429) {
  options_.limits.inflight_body_bytes = 100;
  Start();
  RawHttpClient first(port());
  ASSERT_TRUE(first.Send(PostRequest("/held", std::string(60, 'a'))));
  ASSERT_TRUE(held_.Await(1));
  RawHttpClient second(port());
  const auto refused = second.Ask("POST /held HTTP/1.1\r\nHost: h\r\nContent-Length: 60\r\n\r\n");  // before any of it is sent
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 429);
  EXPECT_EQ(refused->headers.at("retry-after"), "1");
  RawHttpClient third(port());
  const std::string chunk = "3c\r\n" + std::string(60, 'c') + "\r\n";
  EXPECT_EQ(third.Ask("POST /held HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk)->status, 429);
  RawHttpClient fourth(port());
  EXPECT_EQ(fourth.Ask(PostRequest("/echo", std::string(40, 'd')))->status, 200);
  held_.Answer(0, "done");
  EXPECT_EQ(first.Read()->status, 200);
  EXPECT_EQ(first.Ask(PostRequest("/echo", std::string(60, 'e')))->status, 200);  // its place is free again
}

// Health routes are asked without a credential.
TEST_F(HttpServerTest, ABodyThatNobodyLooksAtTakesNoPlace) {
  options_.limits.inflight_body_bytes = 100;
  options_.limits.body_bytes = 1000;
  Start();
  RawHttpClient client(port());
  const std::string body(1000, 'a');
  EXPECT_EQ(client.Ask("GET /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n" + body)->status, 200);
  const std::string chunked = "3e8\r\n" + body + "\r\n0\r\n\r\n";
  EXPECT_EQ(client.Ask("GET /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked)->status, 200);
  EXPECT_EQ(client.Ask(GetRequest("/echo"))->status, 200);
  EXPECT_EQ(RawHttpClient(port()).Ask("GET /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n")->status, 413);
}

TEST_F(HttpServerTest, ABodyThatNobodyLooksAtMayNotBeSlowEither) {
  options_.limits.body_timeout = absl::Hours(1);
  options_.limits.body_grace = absl::Milliseconds(20);
  Start();
  EXPECT_EQ(RawHttpClient(port()).Ask("GET /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf")->status, 408);
}

TEST_F(HttpServerTest, TheBodyOfACallerWhoIsRefusedIsNotKept) {
  options_.limits.inflight_body_bytes = 100;
  options_.conventions.authorize = [](const AuthorizationRequest&) { return Problem{401, "no credential"}; };
  Start();
  RawHttpClient client(port());
  const auto refused = client.Ask("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 90\r\n\r\n" + std::string(80, 'a'));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 401);
  EXPECT_EQ(refused->headers.at("connection"), "close");
  EXPECT_TRUE(options_.limits.body_memory->HasPlaceFor(100, 100));
}

}  // namespace
}  // namespace verdict
