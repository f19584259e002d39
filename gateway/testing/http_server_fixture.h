#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "gateway/http/http_server.h"
#include "gateway/http/testing/raw_http_client.h"
#include "gateway/testing/event.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {

constexpr absl::Duration kPatience = absl::Seconds(10);

// A handler whose answers the test gives when it likes.
class HeldRequests {
 public:
  HttpHandler Handler() {
    return [this](const HttpRequest& request, Respond respond) {
      const std::lock_guard lock(mutex_);
      came_.notify_all();
      bodies_.push_back(request.body);
      responds_.push_back(std::move(respond));
      return [this] { cancelled_.Notify(); };
    };
  }

  // Waits until `count` requests have come.
  bool Await(size_t count) {
    std::unique_lock lock(mutex_);
    return came_.wait_for(lock, absl::ToChronoSeconds(kPatience), [&] { return bodies_.size() >= count; });
  }
  void Answer(size_t index, std::string body) {
    Respond respond;
    {
      const std::lock_guard lock(mutex_);
      respond = std::move(responds_[index]);
    }
    respond({.status = 200, .content_type = "text/plain", .body = std::move(body)});
  }
  bool AwaitCancel() { return cancelled_.Await(); }
  bool cancelled() { return cancelled_.happened(); }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<std::string> bodies_;
  std::vector<Respond> responds_;
  Event cancelled_;
};

inline CancelRequest Echo(const HttpRequest& request, Respond respond) {
  HttpResponse response{.status = 200, .content_type = "text/plain", .body = request.body};
  if (request.method != "POST") response.body = "got " + request.path + " with " + request.query;
  respond(std::move(response));
  return {};
}

class HttpServerTest : public ::testing::Test {
 protected:
  HttpServerTest() {
    options_.listen = "127.0.0.1:0";
    options_.limits.drain_grace = absl::ZeroDuration();
  }

  // Before the members of a test's own fixture, which its handlers use.
  void TearDown() override { server_.reset(); }

  void Start() {
    Router router;
    router.Add({"GET", "/echo", Echo});
    router.Add({"POST", "/echo", Echo, true});
    router.Add({"POST", "/held", held_.Handler(), true});
    for (Route& route : more_routes_) router.Add(std::move(route));
    if (block_) router.Add({"GET", "/block", block_});
    auto server = HttpServer::Start(options_, std::move(router));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  int port() { return server_->port(); }
  void AwaitNoListener() {
    while (RawHttpClient(port()).connected()) std::this_thread::yield();
  }

  HttpServer::Options options_;
  HeldRequests held_;
  std::vector<Route> more_routes_;
  HttpHandler block_;  // at GET /block, where a test has one
  std::unique_ptr<HttpServer> server_;
};

}  // namespace verdict
