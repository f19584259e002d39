// Callers that close their half of the connection, and wait or do not.
#include <string>

#include "gateway/http/http_server.h"
#include "gateway/http/testing/raw_http_client.h"
#include "gateway/testing/http_server_fixture.h"
#include "gmock/gmock.h"

namespace verdict {
namespace {

TEST_F(HttpServerTest, ACallerThatHasFinishedSendingIsAnswered) {
  Start();
  RawHttpClient client(port());
  ASSERT_TRUE(client.Send(PostRequest("/held", "a")));
  client.FinishSending();
  ASSERT_TRUE(held_.Await(1));
  held_.Answer(0, "late");
  const auto response = client.Read();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "late");  // whether it announces the end depends on which of the two is seen first
  EXPECT_TRUE(client.ServerCloses());
}

TEST_F(HttpServerTest, ACallerThatHasFinishedSendingIsAskedWhetherItIsStillThere) {
  Start();
  RawHttpClient client(port());
  ASSERT_TRUE(client.Send(PostRequest("/held", "a")));
  client.FinishSending();
  ASSERT_TRUE(client.HearsWithin(kPatience));
  held_.Answer(0, "late");
  const auto all = client.ReadUntilClosed();
  ASSERT_TRUE(all);
  EXPECT_TRUE(all->starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")) << *all;
  EXPECT_FALSE(held_.cancelled());
}

TEST_F(HttpServerTest, PipelinedRequestsOfACallerThatHasFinishedSendingAreAllAnswered) {
  Start();
  RawHttpClient client(port());
  ASSERT_TRUE(client.Send(PostRequest("/echo", "a") + PostRequest("/echo", "b")));
  client.FinishSending();
  EXPECT_EQ(client.Read()->body, "a");
  EXPECT_EQ(client.Read()->body, "b");
  EXPECT_TRUE(client.ServerCloses());
}

TEST_F(HttpServerTest, ACallerOfHttp10IsNotAsked) {
  Start();
  RawHttpClient client(port());
  ASSERT_TRUE(client.Send("POST /held HTTP/1.0\r\nContent-Length: 1\r\n\r\na"));
  client.FinishSending();
  ASSERT_TRUE(held_.Await(1));
  EXPECT_FALSE(client.HearsWithin(absl::Milliseconds(600)));
  held_.Answer(0, "late");
  EXPECT_EQ(client.Read()->body, "late");
}

}  // namespace
}  // namespace verdict
