#include <sys/resource.h>
#include <unistd.h>

#include <condition_variable>
#include <future>
#include <latch>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "gateway/http/http_server.h"
#include "gateway/http/testing/raw_http_client.h"
#include "gateway/testing/event.h"
#include "gateway/testing/http_server_fixture.h"
#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;

TEST_F(HttpServerTest, DrainFinishesWhatIsUnderWayAndClosesIdleConnections) {
  Start();
  RawHttpClient idle(port());
  EXPECT_EQ(idle.Ask(GetRequest("/echo"))->status, 200);
  RawHttpClient busy(port());
  ASSERT_TRUE(busy.Send(PostRequest("/held", "a")));
  ASSERT_TRUE(held_.Await(1));
  auto drained = std::async(std::launch::async, [this] { return server_->Drain(absl::Now() + kPatience); });
  EXPECT_TRUE(idle.ServerCloses());
  AwaitNoListener();
  held_.Answer(0, "done");
  const auto response = busy.Read();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "done");
  EXPECT_EQ(response->headers.at("connection"), "close");
  EXPECT_TRUE(busy.ServerCloses());
  EXPECT_TRUE(drained.get());
}

TEST_F(HttpServerTest, WhileDrainingAnIdleConnectionMayStillAskOnce) {
  options_.limits.drain_grace = kPatience;
  Start();
  RawHttpClient client(port());
  EXPECT_EQ(client.Ask(GetRequest("/echo"))->status, 200);
  RawHttpClient witness(port());
  auto drained = std::async(std::launch::async, [this] { return server_->Drain(absl::Now() + kPatience); });
  AwaitNoListener();
  for (RawHttpClient* each : {&client, &witness}) {
    auto response = each->Ask(GetRequest("/echo"));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->headers["connection"], "close");
  }
  EXPECT_TRUE(client.ServerCloses());
  witness.Close();
  EXPECT_TRUE(drained.get());
}

class HttpServerThreadsTest : public HttpServerTest, public ::testing::WithParamInterface<int> {};
INSTANTIATE_TEST_SUITE_P(OneAndTwo, HttpServerThreadsTest, ::testing::Values(1, 2));

// With two threads, each connection has to stay on the one that its socket was made for.
TEST_P(HttpServerThreadsTest, WhoIsConnectedWhenDrainingBeginsIsAnsweredAlthoughNotAcceptedYet) {
  options_.threads = GetParam();
  options_.limits.drain_grace = kPatience;
  Event entered;
  std::latch go(1);
  block_ = [&](const HttpRequest&, Respond respond) -> CancelRequest {  // keeps the first thread, so nobody is accepted
    entered.Notify();
    go.wait();
    respond({});
    return {};
  };
  Start();
  RawHttpClient blocker(port());
  ASSERT_TRUE(blocker.Send(GetRequest("/block")));
  ASSERT_TRUE(entered.Await());
  std::vector<std::unique_ptr<RawHttpClient>> waiting;
  for (int i = 0; i < 50; ++i) {
    waiting.push_back(std::make_unique<RawHttpClient>(port()));
    ASSERT_TRUE(waiting.back()->Send(GetRequest("/echo")));
  }
  Event draining;
  auto drained = std::async(std::launch::async, [&] {
    draining.Notify();
    return server_->Drain(absl::Now() + kPatience);
  });
  EXPECT_TRUE(draining.Await());
  go.count_down();
  for (const auto& client : waiting) {
    const auto response = client->Read();
    EXPECT_TRUE(response && response->status == 200);
    client->Close();  // those that were answered before draining began would otherwise wait for the grace to pass
  }
  EXPECT_TRUE(blocker.Read());
  blocker.Close();
  EXPECT_TRUE(drained.get());
}

TEST_F(HttpServerTest, LastAnswersEndTheirConnectionsAndOthersAreServed) {
  Start();
  RawHttpClient before(port());
  auto first = before.Ask(GetRequest("/echo"));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->headers["connection"], "");
  server_->LastAnswers();
  for (int i = 0; i < 3; ++i) {
    RawHttpClient after(port());
    auto response = after.Ask(GetRequest("/echo"));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->headers["connection"], "close");
  }
  EXPECT_EQ(before.Ask(GetRequest("/echo"))->headers["connection"], "close");
  EXPECT_TRUE(before.ServerCloses());
}

TEST_F(HttpServerTest, DrainCutsOffAtItsDeadline) {
  Start();
  RawHttpClient client(port());
  ASSERT_TRUE(client.Send(PostRequest("/held", "a")));
  ASSERT_TRUE(held_.Await(1));
  EXPECT_FALSE(server_->Drain(absl::Now()));
  EXPECT_TRUE(held_.cancelled());
  EXPECT_TRUE(client.ServerCloses());
}

TEST_F(HttpServerTest, MayBeDestroyedWithRequestsUnderWay) {
  Start();
  RawHttpClient client(port());
  ASSERT_TRUE(client.Send(PostRequest("/held", "a")));
  ASSERT_TRUE(held_.Await(1));
  server_.reset();
  EXPECT_TRUE(client.ServerCloses());
}

TEST_F(HttpServerTest, APortInUseIsOneClearSentence) {
  Start();
  HttpServer::Options same = options_;
  same.listen = "127.0.0.1:" + std::to_string(port());
  const auto second = HttpServer::Start(same, Router());
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr(same.listen));
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("in use"));
}

TEST_F(HttpServerTest, TellsAddressesThatAreNone) {
  for (const char* listen : {"", "host:port", "127.0.0.1:99999", "127.0.0.1:-1", "no.such.host.invalid:80"}) {
    HttpServer::Options options;
    options.listen = listen;
    EXPECT_EQ(HttpServer::Start(options, Router()).status().code(), absl::StatusCode::kInvalidArgument) << listen;
  }
}

TEST_F(HttpServerTest, ListensOnAPortAloneAndOnIpv6) {
  options_.listen = "0";
  Start();
  EXPECT_EQ(RawHttpClient(port()).Ask(GetRequest("/echo"))->status, 200);
  HttpServer::Options v6;
  v6.listen = "[::1]:0";
  const auto server = HttpServer::Start(v6, Router());
  if (!server.ok()) GTEST_SKIP() << "no IPv6 here: " << server.status();
  EXPECT_GT((*server)->port(), 0);
}

}  // namespace
}  // namespace verdict
