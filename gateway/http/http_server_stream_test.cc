// Routes that read bodies as they arrive, by callers of every kind.
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gateway/http/http_server.h"
#include "gateway/http/testing/raw_http_client.h"
#include "gateway/testing/event.h"
#include "gateway/testing/http_server_fixture.h"
#include "gateway/testing/stream_sinks.h"
#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;

class HttpStreamTest : public HttpServerTest {
 protected:
  void SetUp() override {
    const auto plain = [](const HttpRequest& head) {
      return head.headers.Find("Content-Type") == std::string_view("text/plain");
    };
    more_routes_.push_back({"POST", "/stream", Echo, true, {plain, [this](const HttpRequest&, HttpStream& stream) {
                                                              return std::make_unique<EchoSink>(stream, gone_);
                                                            }}});
    more_routes_.push_back({"POST", "/count", Echo, true, {plain, [](const HttpRequest&, HttpStream& stream) {
                                                             return std::make_unique<CountSink>(stream);
                                                           }}});
    more_routes_.push_back({"POST", "/keep", Echo, true, {plain, [](const HttpRequest&, HttpStream& stream) {
                                                            return std::make_unique<WholeBodySink>(stream);
                                                          }}});
    more_routes_.push_back({"POST", "/refused", Echo, true, {plain, [](const HttpRequest&, HttpStream& stream) {
                                                               stream.Respond(ToResponse({415, "not that"}, "id"));
                                                               return nullptr;
                                                             }}});
    options_.limits.body_bytes = 1000;  // does not count for streams
  }

  static std::string Head(std::string_view path, std::string_view more, std::string_view version = "1.1") {
    return absl::StrCat("POST ", std::string(path), " HTTP/", std::string(version), "\r\nHost: h\r\nContent-Type: text/plain\r\n",
                        std::string(more), "\r\n");
  }
  static std::string Chunked(std::string_view path) { return Head(path, "Transfer-Encoding: chunked\r\n"); }
  static std::string Sized(std::string_view path, size_t size) {
    return Head(path, absl::StrCat("Content-Length: ", size, "\r\n"));
  }
  static std::string Chunk(std::string_view bytes) {
    return absl::StrCat(absl::Hex(bytes.size()), "\r\n", std::string(bytes), "\r\n");
  }
  // Bytes among which a mistake in the order shows.
  static std::string Numbers(size_t size) {
    std::string text;
    text.reserve(size + 20);
    for (size_t i = 0; text.size() < size; ++i) absl::StrAppend(&text, i, "\n");
    text.resize(size);
    return text;
  }

  Event gone_;  // a sink was destroyed before its end
};

TEST_F(HttpStreamTest, AnswersAsTheRequestArrives) {
  Start();
  RawHttpClient client(port());
  ASSERT_TRUE(client.Send(Chunked("/stream")));
  ASSERT_TRUE(client.Send(Chunk("first")));
  const auto head = client.ReadHead();
  ASSERT_TRUE(head);
  EXPECT_EQ(head->headers.at("transfer-encoding"), "chunked");
  EXPECT_FALSE(head->headers.contains("content-length"));
  EXPECT_EQ(client.ReadChunk(), "first");
  for (const char* piece : {"second", "third"}) {
    ASSERT_TRUE(client.Send(Chunk(piece)));
    EXPECT_EQ(client.ReadChunk(), piece);
  }
  ASSERT_TRUE(client.Send("0\r\n\r\n"));
  EXPECT_EQ(client.ReadChunk(), "");
  EXPECT_EQ(client.Ask(PostRequest("/echo", "next"))->body, "next");
}

TEST_F(HttpStreamTest, OtherRequestsOfTheRouteAreNotStreamed) {
  Start();
  RawHttpClient client(port());
  EXPECT_EQ(client.Ask(PostRequest("/stream", "whole"))->headers.at("content-length"), "5");
  EXPECT_EQ(client.Ask(PostRequest("/stream", std::string(1001, 'x')))->status, 413);
}

TEST_F(HttpStreamTest, WhoSendsEverythingBeforeReadingGetsEverything) {
  options_.limits.backlog_bytes = 64 * 1024;
  Start();
  const std::string body = Numbers(48 << 20);  // more than the kernel keeps
  RawHttpClient client(port());
  ASSERT_TRUE(client.Send(Sized("/stream", body.size())));
  ASSERT_TRUE(client.Send(body));
  const auto response = client.Read();
  ASSERT_TRUE(response);
  EXPECT_TRUE(response->body == body);
  EXPECT_EQ(client.Ask(PostRequest("/echo", "next"))->body, "next");
}

TEST_F(HttpStreamTest, WithoutAFileReadingGoesOnlyAsFastAsTheCallerReads) {
  options_.limits.backlog_bytes = 64 * 1024;
  options_.limits.spill_bytes = 0;
  Start();
  const std::string body = Numbers(32 << 20);
  RawHttpClient client(port());
  auto sent = std::async(std::launch::async, [&] { return client.Send(Sized("/stream", body.size())) && client.Send(body); });
  const auto response = client.Read();
  EXPECT_TRUE(sent.get());
  ASSERT_TRUE(response);
  EXPECT_TRUE(response->body == body);
}

TEST_F(HttpStreamTest, WithoutAFileWhoReadsNothingIsCutOff) {
  options_.limits.backlog_bytes = 64 * 1024;
  options_.limits.spill_bytes = 0;
  options_.limits.body_timeout = absl::Milliseconds(200);
  Start();
  const std::string body(64 << 20, 'x');
  RawHttpClient client(port());
  ASSERT_TRUE(client.Send(Sized("/stream", body.size())));
  EXPECT_FALSE(client.Send(body));
  EXPECT_TRUE(gone_.Await());
}

TEST_F(HttpStreamTest, ASinkThatPausesIsFedNoFaster) {
  Start();
  RawHttpClient client(port());
  const std::string body(8 << 20, 'x');
  ASSERT_TRUE(client.Send(Sized("/count", body.size())));
  ASSERT_TRUE(client.Send(body));
  EXPECT_EQ(client.Read()->body, absl::StrCat(body.size()));
  EXPECT_EQ(client.Ask(Sized("/count", 0))->body, "0");
}

TEST_F(HttpStreamTest, ForHttp10TheAnswerEndsWithTheConnection) {
  Start();
  RawHttpClient client(port());
  ASSERT_TRUE(client.Send(Head("/stream", "Content-Length: 5\r\nConnection: keep-alive\r\n", "1.0") + "hello"));
  const auto head = client.ReadHead();
  ASSERT_TRUE(head);
  EXPECT_EQ(head->headers.at("connection"), "close");
  EXPECT_FALSE(head->headers.contains("transfer-encoding"));
  EXPECT_EQ(client.ReadUntilClosed(), "hello");
}

TEST_F(HttpStreamTest, PipelinedRequestsAreAnsweredInOrder) {
  Start();
  RawHttpClient client(port());
  std::string all;
  for (int i = 0; i < 20; ++i) {
    all += Chunked("/stream") + Chunk(absl::StrCat("stream ", i)) + "0\r\n\r\n" + PostRequest("/echo", absl::StrCat("whole ", i));
  }
  ASSERT_TRUE(client.Send(all));
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(client.Read()->body, absl::StrCat("stream ", i));
    EXPECT_EQ(client.Read()->body, absl::StrCat("whole ", i));
  }
}

TEST_F(HttpStreamTest, RefusesWhatEveryRouteRefuses) {
  Start();
  RawHttpClient client(port());
  EXPECT_EQ(client.Ask(GetRequest("/stream"))->status, 405);
  ASSERT_TRUE(client.Send("HEAD /stream HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_EQ(client.Read(false)->status, 405);
  EXPECT_EQ(client.Ask(Head("/stream", ""))->status, 411);
  EXPECT_EQ(RawHttpClient(port()).Ask(Head("/stream", "Expect: tea\r\nContent-Length: 9\r\n"))->status, 417);
  EXPECT_EQ(RawHttpClient(port()).Ask(Head("/stream", "Transfer-Encoding: gzip\r\n"))->status, 501);
}

TEST_F(HttpStreamTest, WhatIsRefusedOnItsHeadIsNotRead) {
  Start();
  RawHttpClient client(port());
  const auto refused = client.Ask(Head("/refused", "Expect: 100-continue\r\nContent-Length: 100000\r\n"));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 415);
  EXPECT_EQ(refused->headers.at("connection"), "close");
  RawHttpClient at_once(port());  // its body has come along, so the connection goes on
  EXPECT_EQ(at_once.Ask(Sized("/refused", 3) + "abc")->status, 415);
  EXPECT_EQ(at_once.Ask(PostRequest("/echo", "next"))->body, "next");
}

TEST_F(HttpStreamTest, BeforeTheFirstByteAProblemIsAnAnswer) {
  Start();
  RawHttpClient client(port());
  ASSERT_TRUE(client.Send(Chunked("/stream") + Chunk("refuse this")));
  const auto response = client.Read();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 422);
  EXPECT_EQ(response->headers.at("connection"), "close");
}

TEST_F(HttpStreamTest, AfterTheFirstByteThereIsNoLastOne) {
  Start();
  RawHttpClient client(port());
  ASSERT_TRUE(client.Send(Chunked("/stream") + Chunk("good")));
  EXPECT_TRUE(client.ReadHead());
  EXPECT_EQ(client.ReadChunk(), "good");
  ASSERT_TRUE(client.Send(Chunk("abort")));
  EXPECT_FALSE(client.ReadChunk());
  RawHttpClient old(port());
  ASSERT_TRUE(old.Send(Head("/stream", "Content-Length: 9\r\n", "1.0") + "good"));
  EXPECT_TRUE(old.ReadHead());
  ASSERT_TRUE(old.Send("abort"));
  EXPECT_FALSE(old.ReadUntilClosed());  // a reset: closing alone would look like the end
}

TEST_F(HttpStreamTest, BrokenChunksAre400OrTheEnd) {
  Start();
  for (const char* broken : {"nonsense\r\n", "-1\r\n", "5\r\nhelloworld\r\n"}) {
    const auto response = RawHttpClient(port()).Ask(Chunked("/count") + broken);
    ASSERT_TRUE(response) << broken;
    EXPECT_EQ(response->status, 400) << broken;
  }
  EXPECT_EQ(RawHttpClient(port()).Ask(Chunked("/count") + "5;" + std::string(100'000, 'x'))->status, 400);
  RawHttpClient begun(port());
  ASSERT_TRUE(begun.Send(Chunked("/stream") + Chunk("good")));
  EXPECT_TRUE(begun.ReadHead());
  EXPECT_EQ(begun.ReadChunk(), "good");
  ASSERT_TRUE(begun.Send("nonsense\r\n"));
  EXPECT_FALSE(begun.ReadChunk());
}

TEST_F(HttpStreamTest, SaysContinueWhenAskedTo) {
  Start();
  RawHttpClient client(port());
  ASSERT_TRUE(client.Send(Head("/stream", "Expect: 100-continue\r\nContent-Length: 4\r\n")));
  EXPECT_EQ(client.Read()->status, 100);
  EXPECT_EQ(client.Ask("body")->body, "body");
}

TEST_F(HttpStreamTest, PagesOfOtherOriginsMayReadTheAnswer) {
  options_.conventions.cors.origins = {"https://page.example"};
  Start();
  const std::string origin = "Origin: https://page.example\r\nTransfer-Encoding: chunked\r\n";
  RawHttpClient client(port());
  ASSERT_TRUE(client.Send(Head("/stream", origin) + Chunk("good") + "0\r\n\r\n"));
  const auto streamed = client.Read();
  ASSERT_TRUE(streamed);
  EXPECT_EQ(streamed->body, "good");
  EXPECT_EQ(streamed->headers.at("access-control-allow-origin"), "https://page.example");
  EXPECT_EQ(streamed->headers.at("vary"), "Origin");
  EXPECT_TRUE(streamed->headers.contains("access-control-expose-headers"));
  const auto refused = client.Ask(Head("/stream", origin) + Chunk("refuse"));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 422);
  EXPECT_EQ(refused->headers.at("access-control-allow-origin"), "https://page.example");
}

TEST_F(HttpStreamTest, ProblemsThatTheSinkDoesNotKnowAreWrittenAsAllOthers) {
  options_.limits.body_timeout = absl::Milliseconds(50);
  options_.conventions.write_problem = [](const HttpRequest&, const Problem& problem) {
    return HttpResponse{.status = problem.status, .content_type = "text/plain", .body = "our way"};
  };
  Start();
  const auto late = RawHttpClient(port()).Ask(Sized("/count", 10) + "half");
  ASSERT_TRUE(late);
  EXPECT_EQ(late->status, 408);
  EXPECT_EQ(late->body, "our way");
  const auto broken = RawHttpClient(port()).Ask(Chunked("/count") + "nonsense\r\n");
  ASSERT_TRUE(broken);
  EXPECT_EQ(broken->status, 400);
  EXPECT_EQ(broken->body, "our way");
}

TEST_F(HttpStreamTest, WhoStallsIs408OrCutOff) {
  options_.limits.body_timeout = absl::Milliseconds(50);
  Start();
  EXPECT_EQ(RawHttpClient(port()).Ask(Sized("/count", 10) + "half")->status, 408);
  RawHttpClient begun(port());
  ASSERT_TRUE(begun.Send(Chunked("/stream") + Chunk("good")));
  EXPECT_TRUE(begun.ReadHead());
  EXPECT_EQ(begun.ReadChunk(), "good");
  EXPECT_FALSE(begun.ReadChunk());
  EXPECT_TRUE(gone_.Await());
}

TEST_F(HttpStreamTest, TheLimitIsForASilenceNotForTheWhole) {
  options_.limits.body_timeout = absl::Milliseconds(400);
  Start();
  RawHttpClient client(port());
  ASSERT_TRUE(client.Send(Chunked("/stream") + Chunk("0")));
  EXPECT_TRUE(client.ReadHead());
  const absl::Time start = absl::Now();
  // Waits for what does not come as a way to let time pass.
  for (int i = 0; absl::Now() - start < absl::Milliseconds(900); ++i) {
    EXPECT_EQ(client.ReadChunk(), absl::StrCat(i));
    EXPECT_FALSE(client.HearsWithin(absl::Milliseconds(50)));
    ASSERT_TRUE(client.Send(Chunk(absl::StrCat(i + 1))));
  }
}

TEST_F(HttpStreamTest, ABodyThatIsKeptHasTheTimeOfAWholeOne) {
  options_.limits.body_timeout = absl::Hours(1);
  options_.limits.body_grace = absl::Milliseconds(50);
  Start();
  EXPECT_EQ(RawHttpClient(port()).Ask(Sized("/keep", 10) + "half")->status, 408);
  EXPECT_EQ(RawHttpClient(port()).Ask(Sized("/keep", 5) + "whole")->body, "whole");
}

TEST_F(HttpStreamTest, WhoLeavesInTheMiddleEndsTheWork) {
  Start();
  {
    RawHttpClient client(port());
    ASSERT_TRUE(client.Send(Chunked("/stream") + Chunk("good")));
    EXPECT_TRUE(client.ReadHead());
    EXPECT_FALSE(gone_.happened());
  }
  EXPECT_TRUE(gone_.Await());
  EXPECT_EQ(RawHttpClient(port()).Ask(GetRequest("/echo"))->status, 200);
}

TEST_F(HttpStreamTest, ManyStreamsAtOnce) {
  options_.threads = 2;
  Start();
  std::vector<std::unique_ptr<RawHttpClient>> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(std::make_unique<RawHttpClient>(port()));
    ASSERT_TRUE(clients.back()->Send(Chunked("/stream") + Chunk(absl::StrCat("a", i))));
  }
  for (const auto& client : clients) ASSERT_TRUE(client->ReadHead());
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(clients[i]->ReadChunk(), absl::StrCat("a", i));
    ASSERT_TRUE(clients[i]->Send(Chunk(absl::StrCat("b", i)) + "0\r\n\r\n"));
  }
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(clients[i]->ReadChunk(), absl::StrCat("b", i));
    EXPECT_EQ(clients[i]->ReadChunk(), "");
  }
}

TEST_F(HttpStreamTest, DrainLetsAStreamFinish) {
  Start();
  RawHttpClient client(port());
  ASSERT_TRUE(client.Send(Chunked("/stream") + Chunk("first")));
  EXPECT_TRUE(client.ReadHead());
  auto drained = std::async(std::launch::async, [this] { return server_->Drain(absl::Now() + kPatience); });
  AwaitNoListener();
  EXPECT_EQ(client.ReadChunk(), "first");
  ASSERT_TRUE(client.Send(Chunk("second") + "0\r\n\r\n"));
  EXPECT_EQ(client.ReadChunk(), "second");
  EXPECT_EQ(client.ReadChunk(), "");
  EXPECT_TRUE(client.ServerCloses());
  EXPECT_TRUE(drained.get());
}

TEST_F(HttpStreamTest, DrainCutsAStreamOffAtItsDeadline) {
  Start();
  RawHttpClient client(port());
  ASSERT_TRUE(client.Send(Chunked("/stream") + Chunk("first")));
  EXPECT_TRUE(client.ReadHead());
  EXPECT_EQ(client.ReadChunk(), "first");
  EXPECT_FALSE(server_->Drain(absl::Now()));
  EXPECT_TRUE(gone_.happened());
  EXPECT_FALSE(client.ReadChunk());
}

}  // namespace
}  // namespace verdict
