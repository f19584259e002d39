#include "gateway/http/http_server.h"

#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "gateway/http/testing/raw_http_client.h"
#include "gateway/testing/event.h"
#include "gateway/testing/http_server_fixture.h"
#include "gateway/testing/recording_http_observer.h"
#include "gmock/gmock.h"
#include "tests/support/no_descriptors.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;

TEST_F(HttpServerTest, AnswersWithTheHeadersThatEveryAnswerHas) {
  Start();
  const auto response = RawHttpClient(port()).Ask(PostRequest("/echo?x=1", "hello", "X-Request-Id: mine\r\n"));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "hello");
  EXPECT_EQ(response->headers.at("x-request-id"), "mine");
  EXPECT_EQ(response->headers.at("server"), "verdict");
  EXPECT_EQ(response->headers.at("content-type"), "text/plain");
  EXPECT_TRUE(response->headers.contains("date"));
  EXPECT_FALSE(response->headers.contains("connection"));
}

TEST_F(HttpServerTest, KeepsTheConnection) {
  Start();
  RawHttpClient client(port());
  for (int i = 0; i < 5; ++i) {
    const auto response = client.Ask(PostRequest("/echo", "body " + std::to_string(i)));
    ASSERT_TRUE(response) << i;
    EXPECT_EQ(response->body, "body " + std::to_string(i));
  }
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInOrder) {
  Start();
  RawHttpClient client(port());
  std::string all;
  for (int i = 0; i < 50; ++i) all += PostRequest("/echo", "number " + std::to_string(i));
  ASSERT_TRUE(client.Send(all));
  for (int i = 0; i < 50; ++i) {
    const auto response = client.Read();
    ASSERT_TRUE(response) << i;
    EXPECT_EQ(response->body, "number " + std::to_string(i));
  }
}

TEST_F(HttpServerTest, APipelinedRequestThatComesDuringAnotherIsNotLost) {
  Start();
  RawHttpClient client(port());
  ASSERT_TRUE(client.Send(PostRequest("/held", "first")));
  ASSERT_TRUE(held_.Await(1));
  ASSERT_TRUE(client.Send(PostRequest("/echo", std::string(300'000, 'x')).substr(0, 150'000)));
  held_.Answer(0, "first answer");
  EXPECT_EQ(client.Read()->body, "first answer");
  ASSERT_TRUE(client.Send(PostRequest("/echo", std::string(300'000, 'x')).substr(150'000)));
  EXPECT_EQ(client.Read()->body, std::string(300'000, 'x'));
  EXPECT_FALSE(held_.cancelled());
}

TEST_F(HttpServerTest, ClosesWhenAskedAndAfterHttp10) {
  Start();
  RawHttpClient close(port());
  EXPECT_EQ(close.Ask(GetRequest("/echo", "Connection: close\r\n"))->headers.at("connection"), "close");
  EXPECT_TRUE(close.ServerCloses());
  RawHttpClient old(port());
  const auto response = old.Ask("GET /echo?q HTTP/1.0\r\n\r\n");
  EXPECT_EQ(response->body, "got /echo with q");
  EXPECT_EQ(response->headers.at("connection"), "close");
  EXPECT_TRUE(old.ServerCloses());
  RawHttpClient old_kept(port());
  EXPECT_EQ(old_kept.Ask("GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")->headers.at("connection"), "keep-alive");
  EXPECT_EQ(old_kept.Ask("GET /echo HTTP/1.0\r\n\r\n")->status, 200);
}

TEST_F(HttpServerTest, HeadHasTheHeadOfGetAndNoBody) {
  Start();
  RawHttpClient client(port());
  ASSERT_TRUE(client.Send("HEAD /echo?q HTTP/1.1\r\nHost: h\r\n\r\n" + GetRequest("/echo", "")));
  const auto head = client.Read(false);
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->headers.at("content-length"), "16");
  EXPECT_EQ(client.Read()->body, "got /echo with ");
}

TEST_F(HttpServerTest, RefusalsWithoutABodyKeepTheConnection) {
  Start();
  RawHttpClient client(port());
  EXPECT_EQ(client.Ask(GetRequest("/nowhere"))->status, 404);
  const auto wrong_method = client.Ask(GetRequest("/held"));
  EXPECT_EQ(wrong_method->status, 405);
  EXPECT_EQ(wrong_method->headers.at("allow"), "POST");
  EXPECT_EQ(wrong_method->headers.at("content-type"), "application/problem+json");
  const auto no_length = client.Ask("POST /echo HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(no_length->status, 411);
  EXPECT_THAT(no_length->body, HasSubstr(no_length->headers.at("x-request-id")));
  EXPECT_EQ(client.Ask("BREW /echo HTTP/1.1\r\nHost: h\r\n\r\n")->status, 501);
  EXPECT_EQ(client.Ask(GetRequest("/echo"))->status, 200);
}

TEST_F(HttpServerTest, MalformedHttpIs400AndTheEnd) {
  Start();
  for (const char* bytes :
       {"nonsense\r\n\r\n", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET /echo HTTP/1.1\r\n\r\n"}) {
    RawHttpClient client(port());
    const auto response = client.Ask(bytes);
    ASSERT_TRUE(response) << bytes;
    EXPECT_EQ(response->status, 400) << bytes;
    EXPECT_EQ(response->headers.at("connection"), "close");
    EXPECT_TRUE(client.ServerCloses());
  }
}

TEST_F(HttpServerTest, AHugeHeaderIs431) {
  options_.limits.header_bytes = 1024;
  Start();
  RawHttpClient client(port());
  EXPECT_EQ(client.Ask(GetRequest("/echo", "A: " + std::string(5000, 'a') + "\r\n"))->status, 431);
  EXPECT_TRUE(client.ServerCloses());
}

TEST_F(HttpServerTest, ATooLargeBodyIs413BeforeAnyOfItIsSent) {
  options_.limits.body_bytes = 1000;
  Start();
  RawHttpClient client(port());
  const auto response = client.Ask("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 413);
  EXPECT_THAT(response->body, HasSubstr("1000 bytes"));
}

TEST_F(HttpServerTest, A413ArrivesAlthoughTheCallerIsStillSending) {
  options_.limits.body_bytes = 1000;
  Start();
  RawHttpClient client(port());
  ASSERT_TRUE(client.Send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4000000\r\n\r\n"));
  EXPECT_TRUE(client.Send(std::string(4'000'000, 'x')));  // a reset would fail this, or take the answer away
  const auto response = client.Read();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 413);
  EXPECT_EQ(response->headers.at("connection"), "close");
}

TEST_F(HttpServerTest, ChunksOverTheLimitAre413) {
  options_.limits.body_bytes = 1000;
  Start();
  RawHttpClient client(port());
  const std::string chunk = "1f4\r\n" + std::string(500, 'x') + "\r\n";
  EXPECT_EQ(client.Ask("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk + chunk + chunk)->status,
            413);
}

TEST_F(HttpServerTest, ReadsChunkedBodies) {
  Start();
  RawHttpClient client(port());
  EXPECT_EQ(
      client.Ask("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")->body,
      "abcde");
  EXPECT_EQ(client.Ask(PostRequest("/echo", "next"))->body, "next");
}

TEST_F(HttpServerTest, SaysContinueWhenAskedTo) {
  Start();
  RawHttpClient client(port());
  ASSERT_TRUE(client.Send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-Continue\r\n\r\n"));
  EXPECT_EQ(client.Read()->status, 100);
  EXPECT_EQ(client.Ask("body")->body, "body");
}

TEST_F(HttpServerTest, AnswersInPlaceOfContinueWhereItWouldRefuse) {
  options_.limits.body_bytes = 1000;
  Start();
  const auto ask = [&](const std::string& path, const std::string& more) {
    return RawHttpClient(port()).Ask("POST " + path + " HTTP/1.1\r\nHost: h\r\n" + more + "\r\n")->status;
  };
  EXPECT_EQ(ask("/echo", "Expect: 100-continue\r\nContent-Length: 1001\r\n"), 413);
  EXPECT_EQ(ask("/nowhere", "Expect: 100-continue\r\nContent-Length: 10\r\n"), 404);
  EXPECT_EQ(ask("/echo", "Expect: 200-ok\r\nContent-Length: 10\r\n"), 417);
}

TEST_F(HttpServerTest, ASlowHeaderIs408) {
  options_.limits.header_timeout = absl::Milliseconds(20);
  Start();
  RawHttpClient client(port());
  EXPECT_EQ(client.Ask("GET /echo HTTP/1.1\r\nHos")->status, 408);
  EXPECT_TRUE(client.ServerCloses());
}

TEST_F(HttpServerTest, ASlowBodyIs408) {
  options_.limits.body_timeout = absl::Milliseconds(20);
  Start();
  RawHttpClient client(port());
  const auto response = client.Ask("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf");
  EXPECT_EQ(response->status, 408);
  EXPECT_EQ(response->headers.at("connection"), "close");
  EXPECT_TRUE(client.ServerCloses());
}

TEST_F(HttpServerTest, AnIdleConnectionIsClosedWithoutAWord) {
  options_.limits.idle_timeout = absl::Milliseconds(20);
  Start();
  RawHttpClient fresh(port());
  EXPECT_TRUE(fresh.ServerCloses());
  RawHttpClient used(port());
  EXPECT_EQ(used.Ask(GetRequest("/echo"))->status, 200);
  EXPECT_TRUE(used.ServerCloses());
}

TEST_F(HttpServerTest, AHandlerMayTakeLongerThanTheLimitsOfReading) {
  options_.limits.idle_timeout = options_.limits.header_timeout = options_.limits.body_timeout = absl::Milliseconds(20);
  Start();
  RawHttpClient slow(port());
  ASSERT_TRUE(slow.Send(PostRequest("/held", "a")));
  ASSERT_TRUE(held_.Await(1));
  RawHttpClient idle(port());
  EXPECT_TRUE(idle.ServerCloses());  // so the limits have passed for `slow`, too
  held_.Answer(0, "late");
  EXPECT_EQ(slow.Read()->body, "late");
}

TEST_F(HttpServerTest, ACallerThatDoesNotReadItsAnswerIsCutOff) {
  options_.limits.body_timeout = absl::Milliseconds(50);
  Start();
  RawHttpClient client(port());
  ASSERT_TRUE(client.Send(PostRequest("/held", "a")));
  ASSERT_TRUE(held_.Await(1));
  held_.Answer(0, std::string(64 << 20, 'x'));           // more than the kernel keeps for us
  EXPECT_TRUE(server_->Drain(absl::Now() + kPatience));  // ends only when the connection has
  EXPECT_FALSE(client.Read());                           // the head came, the body not whole
}

TEST_F(HttpServerTest, WithoutDescriptorsConnectionsWaitAndAreServedLater) {
  const auto observer = std::make_shared<RecordingHttpObserver>();
  options_.conventions.observers = {observer};
  Start();
  std::optional<NoDescriptors> tight(1);
  RawHttpClient client(port());  // has the last descriptor
  EXPECT_TRUE(client.connected());
  EXPECT_TRUE(client.Send(GetRequest("/echo")));
  EXPECT_FALSE(client.HearsWithin(absl::Milliseconds(120)));  // longer than one retry
  tight.reset();
  EXPECT_EQ(client.Read()->status, 200);
  EXPECT_GE(observer->failed_accepts(), 2);
}

TEST_F(HttpServerTest, ACallerThatLeavesCancelsItsRequest) {
  Start();
  {
    RawHttpClient client(port());
    ASSERT_TRUE(client.Send(PostRequest("/held", "a")));
    ASSERT_TRUE(held_.Await(1));
    EXPECT_FALSE(held_.cancelled());
  }
  EXPECT_TRUE(held_.AwaitCancel());
  held_.Answer(0, "nobody reads this");
  EXPECT_EQ(RawHttpClient(port()).Ask(GetRequest("/echo"))->status, 200);
}

TEST_F(HttpServerTest, AnswersMayComeFromAnyThread) {
  options_.threads = 3;
  Start();
  std::vector<std::unique_ptr<RawHttpClient>> clients;
  for (size_t i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<RawHttpClient>(port()));
    ASSERT_TRUE(clients.back()->Send(PostRequest("/held", "")));
    ASSERT_TRUE(held_.Await(i + 1));
  }
  std::vector<std::thread> threads;
  for (size_t i = 0; i < 8; ++i) threads.emplace_back([this, i] { held_.Answer(i, std::to_string(i)); });
  for (std::thread& thread : threads) thread.join();
  for (size_t i = 0; i < 8; ++i) EXPECT_EQ(clients[i]->Read()->body, std::to_string(i));
}

constexpr char kPreflight[] =
    "OPTIONS /nowhere HTTP/1.1\r\nHost: h\r\nOrigin: https://page.example\r\nAccess-Control-Request-Method: POST\r\n";

TEST_F(HttpServerTest, ClosedToOtherOriginsUnlessTold) {
  Start();
  const auto preflight = RawHttpClient(port()).Ask(std::string(kPreflight) + "\r\n");
  ASSERT_TRUE(preflight);
  EXPECT_EQ(preflight->status, 404);
  const auto answer = RawHttpClient(port()).Ask(PostRequest("/echo", "hello", "Origin: https://page.example\r\n"));
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->headers.contains("access-control-allow-origin"));
}

TEST_F(HttpServerTest, PagesOfAllowedOriginsMayReadAnswersAndErrors) {
  options_.conventions.cors.origins = {"https://page.example"};
  Start();
  RawHttpClient client(port());
  const std::string requests[] = {std::string(kPreflight) + "\r\n",
                                  PostRequest("/echo", "hello", "Origin: https://page.example\r\n"),
                                  PostRequest("/nowhere", "hello", "Origin: https://page.example\r\n")};
  const int statuses[] = {200, 200, 404};
  for (int i = 0; i < 2; ++i) {
    const auto response = client.Ask(requests[i]);
    ASSERT_TRUE(response) << i;
    EXPECT_EQ(response->status, statuses[i]);
    EXPECT_EQ(response->headers.at("access-control-allow-origin"), "https://page.example") << i;
  }
  const auto error = RawHttpClient(port()).Ask(requests[2]);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->status, statuses[2]);
  EXPECT_EQ(error->headers.at("access-control-allow-origin"), "https://page.example");
}

TEST_F(HttpServerTest, APreflightHasTheLimitsOfOthers) {
  options_.conventions.cors.origins = {"*"};
  options_.limits.body_bytes = 10;
  Start();
  const auto response = RawHttpClient(port()).Ask(std::string(kPreflight) + "Content-Length: 1000\r\n\r\n");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 413);
}

TEST_F(HttpServerTest, WritesItsOwnProblemsAsToldTo) {
  options_.conventions.write_problem = [](const HttpRequest& request, const Problem& problem) {
    return HttpResponse{.status = problem.status, .content_type = "text/plain", .body = "sorry, " + request.request_id};
  };
  options_.limits.max_connections = 1;
  Start();
  RawHttpClient client(port());
  const auto missing = client.Ask(GetRequest("/nowhere", "x-request-id: mine\r\n"));
  ASSERT_TRUE(missing);
  EXPECT_EQ(missing->status, 404);
  EXPECT_EQ(missing->body, "sorry, mine");
  const auto refused = RawHttpClient(port()).Ask(GetRequest("/echo"));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 429);
  EXPECT_EQ(refused->body, "sorry, " + refused->headers.at("x-request-id"));
}

}  // namespace
}  // namespace verdict
